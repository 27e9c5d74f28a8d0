package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.stream.IntStream;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import io.github.etcdlock.EtcdLocks;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.test.EtcdExtension;

import static java.util.Map.entry;

/** Every wrong call of docs/errors.md. */
class CallErrorsTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final LeaseManager manager = this.managers.start();

	private final LockTemplate locks = this.manager.lockTemplate();

	@Test
	void wrongCallIsNamedWithItsCure() throws Exception {
		ErrorTable.check("Calls", calls());
	}

	private Map<String, ThrowingCallable> calls() throws InterruptedException {
		LockTemplate locks = this.locks;
		LeaseManager manager = this.manager;
		LockRequest shared = LockRequest.of("a").shared();
		LockRequest both = LockRequest.of("a", "b");
		LockHandle lock = locks.acquire("held");
		LockHandle released = locks.acquire("released");
		released.close();
		LockHandle reader = locks.acquire(LockRequest.of("read").shared());
		LeaseManager ended = this.managers.start();
		LockTemplate closed = ended.lockTemplate();
		ended.close();
		InProcessLocks inProcess = new InProcessLocks(Duration.ofSeconds(1), List.of());
		LockTemplate closedInProcess = inProcess.lockTemplate();
		inProcess.close();
		Lock view = EtcdLocks.asLock(locks, "a");
		String[] thirtyThreeKeys = IntStream.range(0, 33).mapToObj(Integer::toString).toArray(String[]::new);
		return Map.ofEntries(entry("locks.acquire((String) null)", () -> locks.acquire((String) null)),
				entry("locks.acquire(\" \")", () -> locks.acquire(" ")),
				entry("locks.acquire(\"x\".repeat(513))", () -> locks.acquire("x".repeat(513))),
				entry("locks.acquire(\"a\\ud83d\")", () -> locks.acquire("a\ud83d")),
				entry("locks.acquire((LockRequest) null)", () -> locks.acquire((LockRequest) null)),
				entry("locks.execute(\"a\", null)", () -> locks.execute("a", null)),
				entry("LockRequest.of()", () -> LockRequest.of()),
				entry("LockRequest.of(thirtyThreeKeys)", () -> LockRequest.of(thirtyThreeKeys)),
				entry("LockRequest.of(\"a\").waitingUpTo(Duration.ofMillis(-1))",
						() -> LockRequest.of("a").waitingUpTo(Duration.ofMillis(-1))),
				entry("LockRequest.of(\"a\").withTtl(Duration.ofMillis(2500))",
						() -> LockRequest.of("a").withTtl(Duration.ofMillis(2500))),
				entry("LockRequest.of(\"a\").named(\" \")", () -> LockRequest.of("a").named(" ")),
				entry("new LockRequest(List.of(\"a\"), null, null, null, null)",
						() -> new LockRequest(List.of("a"), null, null, null, null)),
				entry("locks.requireHeld(\"a\")", () -> locks.requireHeld("a")),
				entry("locks.requireHeld(\" \")", () -> locks.requireHeld(" ")),
				entry("locks.execute(\"a\", (outer) -> locks.requireHeld(\"b\"))",
						() -> locks.execute("a", (outer) -> locks.requireHeld("b"))),
				entry("lock.onLost(null)", () -> lock.onLost(null)),
				entry("lock.onRevocationRequested(null)", () -> lock.onRevocationRequested(null)),
				entry("lock.holdAtLeast(Duration.ofSeconds(-1))", () -> lock.holdAtLeast(Duration.ofSeconds(-1))),
				entry("released.holdAtLeast(Duration.ofSeconds(1))", () -> released.holdAtLeast(Duration.ofSeconds(1))),
				entry("reader.downgrade()", () -> reader.downgrade()),
				entry("locks.execute(shared, (outer) -> locks.execute(\"a\", LockHandle::isHeld))",
						() -> locks.execute(shared, (outer) -> locks.execute("a", LockHandle::isHeld))),
				entry("locks.execute(\"a\", (outer) -> locks.execute(both, LockHandle::isHeld))",
						() -> locks.execute("a", (outer) -> locks.execute(both, LockHandle::isHeld))),
				entry("manager.forceRelease(\"/locks/a\", 5)", () -> manager.forceRelease("/locks/a", 5)),
				entry("EtcdLocks.asLock(null, \"a\")", () -> EtcdLocks.asLock(null, "a")),
				entry("EtcdLocks.asLock(locks, (LockRequest) null)", () -> EtcdLocks.asLock(locks, (LockRequest) null)),
				entry("EtcdLocks.asLock(locks, \" \")", () -> EtcdLocks.asLock(locks, " ")),
				entry("locks.executeWithoutResult(\"a\", (outer) -> view.lock())",
						() -> locks.executeWithoutResult("a", (outer) -> view.lock())),
				entry("view.unlock()", view::unlock), entry("view.newCondition()", view::newCondition),
				entry("closed.acquire(\"a\")", () -> closed.acquire("a")),
				entry("closedInProcess.acquire(\"a\")", () -> closedInProcess.acquire("a")));
	}

}
