package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;

import io.github.etcdlock.EtcdLocks;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** The view of a lock as one of {@code java.util.concurrent}. */
class ThreadOwnedLockTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final LockTemplate locks = this.managers.template();

	private final LockTemplate others = this.managers.template();

	private final Lock lock = EtcdLocks.asLock(this.locks, "a");

	private final ExecutorService thread = Executors.newSingleThreadExecutor();

	@AfterEach
	void endThread() {
		this.thread.shutdownNow();
	}

	private <T> T elsewhere(Callable<T> code) throws Exception {
		return this.thread.submit(code).get(10, TimeUnit.SECONDS);
	}

	@Test
	void ownerIsTheThreadAndMayEnterAgain() throws Exception {
		this.lock.lock();
		assertThat(this.lock.tryLock()).isTrue();
		assertThat(this.lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
		this.lock.lockInterruptibly();
		assertThat(elsewhere(() -> this.lock.tryLock())).isFalse();
		elsewhere(() -> assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(this.lock::unlock)
			.withMessageContaining("does not hold the lock \"a\""));
		for (int i = 0; i < 3; i++) {
			this.lock.unlock();
			assertThat(this.others.tryAcquire("a")).isEmpty();
		}
		this.lock.unlock();
		assertThat(this.others.tryAcquire("a")).isPresent();
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(this.lock::unlock);
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void otherViewsAndProcessesAreExcluded() throws Exception {
		Lock same = EtcdLocks.asLock(this.locks, "a");
		Lock other = EtcdLocks.asLock(this.others, "a");
		this.lock.lock();
		assertThat(same.tryLock()).isFalse();
		assertThat(other.tryLock(20, TimeUnit.MILLISECONDS)).isFalse();
		assertThat(other.tryLock(-1, TimeUnit.DAYS)).isFalse();
		CompletableFuture<Void> waiting = CompletableFuture.runAsync(other::lock, this.thread);
		await().until(() -> this.managers.queued("a").size() == 2);
		assertThat(waiting).isNotDone();
		this.lock.unlock();
		waiting.get(10, TimeUnit.SECONDS);
		elsewhere(() -> {
			other.unlock();
			return null;
		});
		assertThat(same.tryLock(10, TimeUnit.SECONDS)).isTrue();
		same.unlock();
	}

	@Test
	void interruptDoesNotMakeLockReturnWithoutTheLock() throws Exception {
		Lock other = EtcdLocks.asLock(this.others, "a");
		this.lock.lock();
		AtomicBoolean locked = new AtomicBoolean();
		CompletableFuture<Boolean> flag = new CompletableFuture<>();
		Thread waiter = new Thread(() -> {
			other.lock();
			locked.set(true);
			flag.complete(Thread.interrupted());
			other.unlock();
		});
		waiter.start();
		await().until(() -> this.managers.queued("a").size() == 2);
		String place = this.managers.queued("a").get(1).name();
		waiter.interrupt();
		await().during(Duration.ofMillis(100)).until(() -> !locked.get());
		assertThat(this.managers.queued("a").get(1).name()).isEqualTo(place);
		this.lock.unlock();
		assertThat(flag.get(10, TimeUnit.SECONDS)).isTrue();
		waiter.join();
	}

	@Test
	void interruptEndsTheInterruptibleWaitAndLeavesNothing() throws Exception {
		Lock other = EtcdLocks.asLock(this.others, "a");
		this.lock.lock();
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		Thread waiter = new Thread(() -> {
			try {
				other.lockInterruptibly();
				interrupted.complete(false);
			}
			catch (InterruptedException ex) {
				interrupted.complete(true);
			}
		});
		waiter.start();
		await().until(() -> this.managers.queued("a").size() == 2);
		waiter.interrupt();
		assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
		await().until(() -> this.managers.queued("a").size() == 1);
		this.lock.unlock();
	}

	@Test
	void interruptedThreadMayStillTry() throws Exception {
		elsewhere(() -> {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(this.lock::lockInterruptibly);
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> this.lock.tryLock(1, TimeUnit.SECONDS));
			Thread.currentThread().interrupt();
			assertThat(this.lock.tryLock()).isTrue();
			this.lock.unlock();
			assertThat(Thread.interrupted()).isTrue();
			return null;
		});
	}

	@Test
	void lossIsLoud() throws Exception {
		this.lock.lock();
		this.outsider.delete(this.managers.queued("a").get(0).name());
		// Nothing but the release may have noticed yet.
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.lock::unlock).withMessageContaining("\"a\"");
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(this.lock::unlock);
		this.lock.lock();
		this.lock.unlock();
	}

	@Test
	void lostLockIsNotEnteredAgain() throws Exception {
		this.lock.lock();
		await().until(() -> this.managers.queued("a").size() == 1);
		this.outsider.delete(this.managers.queued("a").get(0).name());
		await().pollInSameThread()
			.untilAsserted(() -> assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> {
				this.lock.lock();
				this.lock.unlock();
			}));
		assertThat(elsewhere(() -> this.lock.tryLock())).isTrue();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.lock::unlock);
		assertThat(this.others.tryAcquire("a")).isEmpty();
		elsewhere(() -> {
			this.lock.unlock();
			return null;
		});
	}

	@Test
	void threadThatHoldsTheLockAnotherWayDoesNotWaitForItself() {
		this.locks.executeWithoutResult("a", (outer) -> this.locks.executeWithoutResult("b", (inner) -> {
			assertThatIllegalStateException().isThrownBy(this.lock::lockInterruptibly);
			assertThat(this.lock.tryLock()).isFalse();
		}));
	}

	@Test
	void callbacksThatLockDoNotKeepEachOtherFromIt() throws Exception {
		List<LockHandle> inTheWay = new ArrayList<>();
		List<CompletableFuture<Void>> callbacks = new ArrayList<>();
		CountDownLatch allThere = new CountDownLatch(4);
		for (String key : List.of("c1", "c2", "c3", "c4")) {
			inTheWay.add(this.locks.acquire(key));
			Lock free = EtcdLocks.asLock(this.locks, "free " + key);
			callbacks.add(this.locks.acquireAsync(LockRequest.of(key)).thenAccept((mine) -> {
				awaitAll(allThere);
				free.lock();
				free.unlock();
				mine.close();
			}));
		}
		inTheWay.forEach(LockHandle::close);
		CompletableFuture.allOf(callbacks.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
	}

	private static void awaitAll(CountDownLatch latch) {
		latch.countDown();
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void nonAtomicCounterLosesNothing() {
		int[] counter = new int[1];
		Lock[] views = { this.lock, EtcdLocks.asLock(this.others, "a") };
		CompletableFuture<?>[] all = new CompletableFuture<?>[8];
		for (int i = 0; i < all.length; i++) {
			Lock view = views[i % 2];
			all[i] = CompletableFuture.runAsync(() -> {
				for (int j = 0; j < 50; j++) {
					view.lock();
					counter[0]++;
					view.unlock();
				}
			}, (work) -> new Thread(work).start());
		}
		CompletableFuture.allOf(all).join();
		assertThat(counter[0]).isEqualTo(400);
	}

	@Test
	void saysWhatItLocks() {
		assertThat(this.lock).hasToString("Lock[\"a\"]");
	}

}
