package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class LockListenerTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Recorder recorder = new Recorder();

	private final LockTemplate locks = this.managers.with().listener(new Thrower(), this.recorder).template();

	private final LockTemplate others = this.managers.template();

	@Test
	void hearsOfALockFromAcquiredToReleased() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		this.recorder.expect("acquired [a]");
		lock.close();
		lock.close();
		this.recorder.expect("acquired [a]", "released [a]");
	}

	@Test
	void hearsOfEachOfMany() {
		for (int i = 0; i < 50; i++) {
			this.locks.executeWithoutResult("a", LockHandle::isHeld);
		}
		await().until(() -> this.recorder.events.size() == 100);
		for (int i = 0; i < 100; i += 2) {
			assertThat(this.recorder.events.subList(i, i + 2)).containsExactly("acquired [a]", "released [a]");
		}
	}

	@Test
	void joiningIsNoEvent() {
		this.locks.executeWithoutResult("a", (lock) -> this.locks.executeWithoutResult("a", LockHandle::isHeld));
		this.recorder.expect("acquired [a]", "released [a]");
	}

	@Test
	void hearsOfTheLockNotAcquired() throws Exception {
		this.others.acquire("a");
		assertThat(this.locks.tryAcquire("a")).isEmpty();
		this.recorder.expect("not acquired [a]");
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ofMillis(60));
		assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(() -> this.locks.acquire(request));
		this.recorder.expect("not acquired [a]", "not acquired [a]");
		assertThat(this.recorder.waited.get(1)).isBetween(Duration.ofMillis(60), Duration.ofSeconds(10));
	}

	@Test
	void cancelledAndInterruptedWaitsAreNotAcquired() throws Exception {
		this.others.acquire("a");
		this.locks.acquireAsync(LockRequest.of("a")).cancel(false);
		this.recorder.expect("not acquired [a]");
		Thread waiter = new Thread(() -> this.locks.executeWithoutResult("a", LockHandle::isHeld));
		waiter.setUncaughtExceptionHandler((thread, ex) -> assertThat(ex).isInstanceOf(EtcdLockException.class));
		waiter.start();
		await().until(() -> this.managers.queued("a").size() == 2);
		waiter.interrupt();
		waiter.join();
		this.recorder.expect("not acquired [a]", "not acquired [a]");
	}

	@Test
	void hearsOfALoss() throws Exception {
		LockHandle lock = this.locks.acquire("a");
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			outsider.delete(lock.ownershipKeys().get(0));
		}
		this.recorder.expect("acquired [a]", "lost [a]");
		lock.close();
		this.managers.close();
		this.recorder.expect("acquired [a]", "lost [a]");
	}

	@Test
	void hearsWhenEtcdCannotBeAsked() {
		LockTemplate lonely = this.managers.with()
			.endpoints(List.of("http://127.0.0.1:1"))
			.requestTimeout(Duration.ofMillis(300))
			.listener(this.recorder)
			.template();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> lonely.acquire("a"));
		this.recorder.expect("error [a] LockUnavailableException");
	}

	@Test
	void waitIsMeasured() throws Exception {
		LockHandle lock = this.others.acquire("a");
		CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a"));
		await().until(() -> lock.heldFor().toMillis() > 100 && this.managers.queued("a").size() == 2);
		lock.close();
		waiter.get();
		this.recorder.expect("acquired [a]");
		assertThat(this.recorder.waited.get(0)).isBetween(Duration.ofMillis(20), Duration.ofSeconds(5));
	}

	@Test
	void isCalledOnThreadsOfOurOwn() {
		this.locks.executeWithoutResult("a", LockHandle::isHeld);
		this.recorder.expect("acquired [a]", "released [a]");
		assertThat(this.recorder.threads).allMatch((name) -> name.startsWith("etcd-lock-callback"));
	}

	private static final class Recorder implements LockListener {

		final List<String> events = new CopyOnWriteArrayList<>();

		final List<Duration> waited = new CopyOnWriteArrayList<>();

		final Set<String> threads = ConcurrentHashMap.newKeySet();

		/** Waits until exactly these events have come, in this order. */
		void expect(String... expected) {
			await().untilAsserted(() -> assertThat(this.events).containsExactly(expected));
		}

		private void add(String event) {
			this.threads.add(Thread.currentThread().getName());
			this.events.add(event);
		}

		@Override
		public void onAcquired(LockHandle lock, Duration waited) {
			this.waited.add(waited);
			add("acquired " + lock.keys());
		}

		@Override
		public void onNotAcquired(LockRequest request, Duration waited) {
			this.waited.add(waited);
			add("not acquired " + request.keys());
		}

		@Override
		public void onError(LockRequest request, Duration waited, EtcdLockException cause) {
			this.waited.add(waited);
			add("error " + request.keys() + " " + cause.getClass().getSimpleName());
		}

		@Override
		public void onReleased(LockHandle lock) {
			add("released " + lock.keys());
		}

		@Override
		public void onLost(LockHandle lock) {
			add("lost " + lock.keys());
		}

	}

	/** Fails whatever it is told. */
	private static final class Thrower implements LockListener {

		@Override
		public void onAcquired(LockHandle lock, Duration waited) {
			throw new IllegalStateException("thrown by the test");
		}

		@Override
		public void onReleased(LockHandle lock) {
			throw new AssertionError("thrown by the test");
		}

		@Override
		public void onLost(LockHandle lock) {
			throw new IllegalStateException("thrown by the test");
		}

	}

}
