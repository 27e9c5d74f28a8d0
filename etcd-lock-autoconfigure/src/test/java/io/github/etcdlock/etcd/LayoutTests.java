package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** Versions that name keys differently do not share a prefix without a word. */
class LayoutTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final LockTemplate locks = this.managers.template();

	/** What has begun although we were here. */
	private final String later = this.managers.prefix() + "/.sessions/1/alive";

	private LeaseManager laterVersion() {
		return this.managers.with().layout(2).start();
	}

	@Test
	void sessionShowsItsLayout() throws Exception {
		this.locks.acquire("a").close();
		assertThat(etcd.cluster().contents().under(this.managers.prefix() + "/.sessions/")).singleElement()
			.satisfies((key) -> assertThat(key.value()).startsWith("{\"layout\":1,\"application\":\"test\""));
	}

	@Test
	void nothingIsLockedBesideProcessesOfAnotherLayout() throws Exception {
		LeaseManager later = laterVersion();
		later.lockTemplate().acquire("a").close();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.acquire("a"))
			.withMessageContaining("key layout 2 instead of 1: {\"layout\":2,\"application\":\"test\"")
			.withMessageContaining("give them different key prefixes");
		assertThat(this.managers.queued("a")).isEmpty();
		later.close();
		this.locks.acquire("a").close();
		this.managers.closeAndLeaveNothing();
	}

	/** As in a rolling upgrade that should have been none, from either side. */
	@Test
	void twoLayoutsUnderLoadNeverMix() throws Exception {
		Queue<Throwable> troubles = new ConcurrentLinkedQueue<>();
		AtomicInteger inside = new AtomicInteger();
		AtomicInteger done = new AtomicInteger();
		AtomicBoolean enough = new AtomicBoolean();
		LockTemplate second = this.managers.template();
		List<Thread> load = Stream.of(this.locks, this.locks, second, second)
			.map((locks) -> new Thread(() -> work(locks, inside, done, enough, troubles)))
			.toList();
		load.forEach(Thread::start);
		await().until(() -> done.get() > 50);
		List<String> before = etcd.cluster()
			.contents()
			.under(this.managers.prefix() + "/.sessions/")
			.stream()
			.map(EtcdContents.Key::name)
			.toList();
		for (int i = 0; i < 5; i++) {
			LockTemplate late = laterVersion().lockTemplate();
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> late.acquire("hot"))
				.withMessageContaining("key layout 1 instead of 2");
		}
		int seen = done.get();
		await().until(() -> done.get() > seen + 50);
		enough.set(true);
		for (Thread thread : load) {
			thread.join();
		}
		assertThat(troubles).isEmpty();
		assertThat(etcd.cluster().contents().under(this.managers.prefix() + "/.sessions/"))
			.extracting(EtcdContents.Key::name)
			.containsExactlyInAnyOrderElementsOf(before);
		assertThat(this.managers.queued("hot")).isEmpty();
	}

	private static void work(LockTemplate locks, AtomicInteger inside, AtomicInteger done, AtomicBoolean enough,
			Queue<Throwable> troubles) {
		try {
			while (!enough.get()) {
				locks.executeWithoutResult("hot", (lock) -> {
					assertThat(inside.incrementAndGet()).isOne();
					inside.decrementAndGet();
					done.incrementAndGet();
				});
			}
		}
		catch (Throwable ex) {
			troubles.add(ex);
		}
	}

	@Test
	void whoWasThereFirstGoesOn() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		this.outsider.put(this.later, Owner.value("shop", new Layout(2)).toStringUtf8());
		this.locks.acquire("b").close();
		assertThat(lock.isHeld()).isTrue();
		LockRequest newSession = LockRequest.of("c").withTtl(Duration.ofSeconds(60));
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.acquire(newSession))
			.withMessageContaining("key layout 2");
		lock.close();
		this.outsider.delete(this.later);
	}

}
