package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Waits that end at any moment leave nothing behind. */
class CancellationTests {

	private static final int KEYS = 5;

	private static final int MOST_CALLBACKS = 4;

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final LockTemplate locks = this.managers.template();

	private final LockTemplate others = this.managers.template();

	private final AtomicInteger holders = new AtomicInteger();

	private final Random random = new Random(42);

	@Test
	void manyCancelledFuturesLeaveNothing() throws Exception {
		int threads = begin();
		for (int i = 0; i < 500; i++) {
			competitor(i);
			CompletableFuture<LockHandle> waiter = this.locks.acquireAsync(LockRequest.of("a" + i % KEYS));
			waiter.thenAccept(LockHandle::closeAsync);
			pause();
			waiter.cancel(true);
		}
		nothingIsLeft(threads);
	}

	@Test
	void timedOutWaitIsOutOfTheLineWhenItReturns() throws Exception {
		try (LockHandle held = this.others.acquire("a0")) {
			for (int i = 0; i < 50; i++) {
				assertThat(this.locks.tryAcquire(LockRequest.of("a0").waitingUpTo(Duration.ofMillis(2)))).isEmpty();
				assertThat(this.managers.queued("a0")).hasSize(1);
			}
			assertThat(held.isHeld()).isTrue();
		}
		this.locks.tryAcquire("a0").orElseThrow().close();
	}

	@Test
	void manyInterruptedThreadsLeaveNothing() throws Exception {
		int threads = begin();
		List<Thread> waiters = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			competitor(i);
			String key = "a" + i % KEYS;
			boolean acquires = i % 2 == 0;
			Thread waiter = new Thread(() -> {
				if (acquires) {
					acquireAndClose(key);
				}
				else {
					execute(key);
				}
			});
			waiter.start();
			waiters.add(waiter);
			pause();
			waiter.interrupt();
		}
		for (Thread waiter : waiters) {
			waiter.join();
		}
		nothingIsLeft(threads);
	}

	private int begin() throws InterruptedException {
		this.locks.acquire("warm").close();
		this.others.acquire("warm").close();
		return Managers.threads().size();
	}

	/**
	 * Another process comes and goes, so that some wait, some are served and some are
	 * between.
	 */
	private void competitor(int i) {
		if (i % 3 == 0) {
			this.others.acquireAsync(LockRequest.of("a" + i % KEYS)).thenAccept((lock) -> {
				LockSupport.parkNanos(this.random.nextInt(2_000_000));
				lock.closeAsync();
			});
		}
	}

	private void acquireAndClose(String key) {
		try {
			this.locks.acquire(key).close();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void execute(String key) {
		try {
			this.locks.executeWithoutResult(key, (lock) -> this.holders.incrementAndGet());
		}
		catch (LockNotAcquiredException ex) {
			assertThat(Thread.currentThread().isInterrupted()).isTrue();
		}
	}

	private void pause() {
		LockSupport.parkNanos(this.random.nextInt(3_000_000));
	}

	private void nothingIsLeft(int threads) throws InterruptedException {
		for (int i = 0; i < KEYS; i++) {
			String key = "a" + i;
			await().until(() -> this.managers.queued(key).isEmpty());
			assertThat(this.locks.tryAcquire(LockRequest.of(key).waitingUpTo(Duration.ofSeconds(5)))).isPresent();
			assertThat(this.managers.queued(key)).hasSize(1);
		}
		assertThat(this.managers.leases()).hasSize(2);
		assertThat(Managers.threads()).hasSizeLessThanOrEqualTo(threads + 2 * MOST_CALLBACKS);
		this.managers.closeAndLeaveNothing();
	}

}
