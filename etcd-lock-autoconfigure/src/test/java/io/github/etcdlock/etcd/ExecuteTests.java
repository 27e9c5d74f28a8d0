package io.github.etcdlock.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class ExecuteTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final LockTemplate locks = this.managers.template();

	private final LockTemplate others = this.managers.template();

	@Test
	void lockIsHeldWhileTheActionRunsAndNoLonger() {
		String result = this.locks.execute("a", (lock) -> {
			assertThat(lock.isHeld()).isTrue();
			assertThat(this.managers.queued("a")).hasSize(1);
			return "result";
		});
		assertThat(result).isEqualTo("result");
		assertThat(this.managers.queued("a")).isEmpty();
	}

	@Test
	void exceptionOfTheActionPassesAndTheLockIsReleased() {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.locks.executeWithoutResult("a", (lock) -> {
			throw new IOException("disk full");
		})).withMessage("disk full").satisfies((ex) -> assertThat(ex.getSuppressed()).isEmpty());
		assertThat(this.managers.queued("a")).isEmpty();
		assertThat(this.locks.current()).isEmpty();
	}

	@Test
	void actionDoesNotRunWhenTheLockIsBusy() throws Exception {
		this.others.acquire("a");
		AtomicBoolean ran = new AtomicBoolean();
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ofMillis(50));
		assertThatExceptionOfType(LockNotAcquiredException.class)
			.isThrownBy(() -> this.locks.executeWithoutResult(request, (lock) -> ran.set(true)));
		assertThat(ran).isFalse();
	}

	// Joining

	@Test
	void executeWithinExecuteJoins() {
		this.locks.executeWithoutResult("a", (outer) -> {
			long revision = this.outsider.revision();
			this.locks.executeWithoutResult("a", (inner) -> {
				assertThat(inner.fencingToken()).isEqualTo(outer.fencingToken());
				assertThat(inner.isHeld()).isTrue();
			});
			assertThat(this.outsider.revision()).isEqualTo(revision);
			assertThat(outer.isHeld()).isTrue();
			assertThat(this.managers.queued("a")).hasSize(1);
		});
	}

	@Test
	void executeJoinsAcrossAnotherLock() {
		this.locks.executeWithoutResult("a",
				(a) -> this.locks.executeWithoutResult("b", (b) -> this.locks.executeWithoutResult("a", (inner) -> {
					assertThat(inner.fencingToken()).isEqualTo(a.fencingToken());
					assertThat(this.locks.current()).contains(inner);
				})));
		assertThat(this.managers.queued("a")).isEmpty();
		assertThat(this.managers.queued("b")).isEmpty();
	}

	@Test
	void anotherThreadDoesNotJoin() {
		LockRequest now = LockRequest.of("a").waitingUpTo(Duration.ZERO);
		this.locks.executeWithoutResult("a",
				(lock) -> assertThat(CompletableFuture
					.runAsync(() -> this.locks.executeWithoutResult(now, (joined) -> joined.close())))
					.failsWithin(Duration.ofSeconds(5))
					.withThrowableThat()
					.withCauseInstanceOf(LockNotAcquiredException.class));
	}

	@Test
	void acquireNeverJoins() throws Exception {
		this.locks.<InterruptedException>executeWithoutResult("a",
				(lock) -> assertThat(this.locks.tryAcquire("a")).isEmpty());
		LockHandle lock = this.locks.acquire("b");
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> this.locks
			.executeWithoutResult(LockRequest.of("b").waitingUpTo(Duration.ZERO), (joined) -> joined.close()));
		assertThat(lock.isHeld()).isTrue();
	}

	@Test
	void lostLockIsNotJoined() {
		AtomicBoolean ran = new AtomicBoolean();
		AtomicReference<Throwable> joining = new AtomicReference<>();
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.locks.executeWithoutResult("a", (lock) -> {
				this.outsider.delete(lock.ownershipKeys().get(0));
				await().until(() -> !lock.isHeld());
				try {
					this.locks.executeWithoutResult("a", (inner) -> ran.set(true));
				}
				catch (LockLostException ex) {
					joining.set(ex);
				}
			}));
		assertThat(joining.get()).hasMessageContaining("\"a\"").hasMessageContaining("lost");
		assertThat(ran).isFalse();
	}

	@Test
	void lockThatTheActionClosedIsNotJoined() {
		this.locks.executeWithoutResult("a", (lock) -> {
			lock.close();
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> this.locks.executeWithoutResult("a", (inner) -> inner.close()));
		});
	}

	// What the thread holds

	@Test
	void currentIsTheInnermostLock() {
		assertThat(this.locks.current()).isEmpty();
		this.locks.executeWithoutResult("a", (a) -> {
			assertThat(this.locks.current()).contains(a);
			this.locks.executeWithoutResult("b", (b) -> assertThat(this.locks.current()).contains(b));
			assertThat(this.locks.current()).contains(a);
			assertThat(CompletableFuture.supplyAsync(this.locks::current).join()).isEmpty();
		});
		assertThat(this.locks.current()).isEmpty();
	}

	@Test
	void requireHeldFindsEveryLockOfTheThread() {
		this.locks.executeWithoutResult("a", (a) -> this.locks.executeWithoutResult("b", (b) -> {
			assertThat(this.locks.requireHeld("a")).isSameAs(a);
			assertThat(this.locks.requireHeld("b")).isSameAs(b);
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.locks.requireHeld("c"))
				.withMessageContaining("\"c\"");
			assertThat(CompletableFuture.supplyAsync(() -> this.locks.requireHeld("a")))
				.failsWithin(Duration.ofSeconds(5))
				.withThrowableThat()
				.withCauseInstanceOf(IllegalStateException.class);
		}));
	}

	@Test
	void requireHeldKnowsOnlyExecute() throws Exception {
		this.locks.acquire("a");
		assertThat(this.locks.current()).isEmpty();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.locks.requireHeld("a"));
	}

	@Test
	void requireHeldRefusesALockThatIsLost() {
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.locks.executeWithoutResult("a", (lock) -> {
				this.outsider.delete(lock.ownershipKeys().get(0));
				await().until(() -> !lock.isHeld());
				assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.locks.requireHeld("a"));
			}));
	}

	// Interrupts

	@Test
	void interruptWhileWaitingIsKeptAndLeavesNothing() throws Exception {
		this.others.acquire("a");
		AtomicReference<Throwable> failure = new AtomicReference<>();
		AtomicBoolean flag = new AtomicBoolean();
		Thread waiter = new Thread(() -> {
			try {
				this.locks.executeWithoutResult("a", (lock) -> failure.set(new AssertionError("The action ran")));
			}
			catch (LockNotAcquiredException ex) {
				failure.set(ex);
				flag.set(Thread.currentThread().isInterrupted());
			}
		});
		waiter.start();
		await().until(() -> this.managers.queued("a").size() == 2);
		waiter.interrupt();
		waiter.join();
		assertThat(failure.get()).isInstanceOf(LockNotAcquiredException.class).hasMessageContaining("interrupted");
		assertThat(flag).isTrue();
		await().until(() -> this.managers.queued("a").size() == 1);
	}

	@Test
	void interruptBeforeWaitingIsKeptToo() {
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(LockNotAcquiredException.class)
			.isThrownBy(() -> this.locks.executeWithoutResult("a", (lock) -> lock.close()));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void acquireThrowsTheInterruptAndLeavesNothing() throws Exception {
		this.others.acquire("a");
		CompletableFuture<Throwable> outcome = new CompletableFuture<>();
		Thread waiter = new Thread(() -> {
			try {
				this.locks.acquire("a");
			}
			catch (InterruptedException ex) {
				outcome.complete(ex);
			}
		});
		waiter.start();
		await().until(() -> this.managers.queued("a").size() == 2);
		waiter.interrupt();
		assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
		await().until(() -> this.managers.queued("a").size() == 1);
	}

	@Test
	void interruptedThreadStillReleases() {
		this.locks.executeWithoutResult("a", (lock) -> Thread.currentThread().interrupt());
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.managers.queued("a")).isEmpty();
	}

	// Loss

	@Test
	void lossIsThrownWhenTheActionHasReturned() {
		List<String> calls = new CopyOnWriteArrayList<>();
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.locks.executeWithoutResult("a", (lock) -> {
				lock.onLost(() -> calls.add(Thread.currentThread().getName()));
				this.outsider.delete(lock.ownershipKeys().get(0));
				await().until(() -> !calls.isEmpty());
				assertThat(lock.isHeld()).isFalse();
				lock.onLost(() -> calls.add("at once"));
			}))
			.withMessageContaining("\"a\"")
			.withMessageContaining("token");
		await().until(() -> calls.contains("at once"));
		assertThat(calls.get(0)).startsWith("etcd-lock-callback");
	}

	@Test
	void lossThatOnlyTheReleaseFindsIsThrown() {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.locks.executeWithoutResult("a",
				(lock) -> this.outsider.delete(lock.ownershipKeys().get(0))));
	}

	@Test
	void exceptionOfTheActionCarriesTheLoss() {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.locks.executeWithoutResult("a", (lock) -> {
			this.outsider.delete(lock.ownershipKeys().get(0));
			throw new IOException("disk full");
		})).satisfies((ex) -> assertThat(ex.getSuppressed()).hasOnlyElementsOfType(LockLostException.class).hasSize(1));
	}

	@Test
	void pauseOfTheProcessIsALossWhenNobodyCanSayOtherwise() {
		SteeredClock clock = new SteeredClock();
		try (TcpProxy link = TcpProxy.to(etcd.endpoint())) {
			LockTemplate paused = this.managers.with().endpoints(List.of(link.endpoint())).clock(clock).template();
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> paused.executeWithoutResult("a", (lock) -> {
					link.freeze();
					clock.leap(Duration.ofSeconds(31));
					assertThat(lock.isHeld()).isFalse();
				}));
			link.pass();
			await().until(() -> this.managers.queued("a").isEmpty());
		}
	}

	@Test
	void pauseOfTheProcessIsNoLossWhenEtcdHadItAllTheTime() {
		SteeredClock clock = new SteeredClock();
		LockTemplate paused = this.managers.with().clock(clock).template();
		paused.executeWithoutResult("a", (lock) -> {
			clock.leap(Duration.ofSeconds(31));
			assertThat(lock.isHeld()).isFalse();
		});
		assertThat(this.managers.queued("a")).isEmpty();
	}

}
