package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class InProcessLocksTests {

	private final InProcessLocks locks = new InProcessLocks(Duration.ofSeconds(30), List.of());

	private final LockTemplate template = this.locks.lockTemplate();

	@AfterEach
	void close() {
		this.locks.close();
	}

	@Test
	void oneHolderAtATime() throws Exception {
		LockHandle first = this.template.acquire("a");
		assertThat(this.template.tryAcquire("a")).isEmpty();
		assertThat(this.template.tryAcquire("b")).isPresent();
		CompletableFuture<LockHandle> second = this.template.acquireAsync(LockRequest.of("a"));
		assertThat(second).isNotDone();
		first.close();
		first.close();
		assertThat(first.isHeld()).isFalse();
		LockHandle next = second.get(10, TimeUnit.SECONDS);
		assertThat(next.isHeld()).isTrue();
		assertThat(next.fencingToken()).isGreaterThan(first.fencingToken());
	}

	@Test
	void nonAtomicCounterLosesNothing() throws Exception {
		int[] counter = new int[1];
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			Thread thread = new Thread(() -> {
				for (int j = 0; j < 200; j++) {
					this.template.executeWithoutResult("counter", (lock) -> counter[0]++);
				}
			});
			threads.add(thread);
			thread.start();
		}
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(counter[0]).isEqualTo(1600);
	}

	@Test
	void waitEndsInTime() {
		LockRequest request = LockRequest.of("a").waitingUpTo(Duration.ofMillis(20));
		this.template.executeWithoutResult("a", (held) -> {
			CompletableFuture<LockHandle> other = this.template.acquireAsync(request);
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> other.get(10, TimeUnit.SECONDS))
				.withCauseInstanceOf(LockNotAcquiredException.class);
		});
	}

	@Test
	void waiterThatLeavesLetsTheNextOneIn() throws Exception {
		LockHandle reader = this.template.acquire(LockRequest.of("a").shared());
		CompletableFuture<LockHandle> writer = this.template.acquireAsync(LockRequest.of("a"));
		CompletableFuture<LockHandle> laterReader = this.template.acquireAsync(LockRequest.of("a").shared());
		assertThat(laterReader).isNotDone();
		writer.cancel(true);
		assertThat(laterReader.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		assertThat(reader.isHeld()).isTrue();
	}

	@Test
	void executeJoinsWhatItsThreadHolds() {
		String result = this.template.execute("a", (outer) -> this.template.execute("a", (inner) -> {
			assertThat(inner).isSameAs(outer);
			assertThat(this.template.current()).contains(inner);
			return "joined";
		}));
		assertThat(result).isEqualTo("joined");
		assertThat(this.template.current()).isEmpty();
	}

	@Test
	void severalKeysAreTakenTogetherOrNotAtAll() throws Exception {
		LockHandle b = this.template.acquire("b");
		assertThat(this.template.tryAcquire(LockRequest.of("a", "b"))).isEmpty();
		assertThat(this.template.tryAcquire("a")).get().satisfies(LockHandle::close);
		b.close();
		assertThat(this.template.tryAcquire(LockRequest.of("a", "b"))).isPresent();
		assertThat(this.template.tryAcquire("a")).isEmpty();
	}

	@Test
	void writerBecomesAReader() throws Exception {
		LockHandle writer = this.template.acquire("a");
		CompletableFuture<LockHandle> reader = this.template.acquireAsync(LockRequest.of("a").shared());
		assertThat(reader).isNotDone();
		writer.downgrade();
		assertThat(reader.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
		assertThat(writer.isHeld()).isTrue();
		assertThatIllegalStateException().isThrownBy(writer::downgrade);
		LockHandle released = this.template.acquire("b");
		released.close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(released::downgrade);
	}

	@Test
	void closingEndsWaitersAndRefusesNewWork() throws Exception {
		LockHandle held = this.template.acquire("a");
		CompletableFuture<LockHandle> waiter = this.template.acquireAsync(LockRequest.of("a"));
		this.locks.close();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> waiter.get(10, TimeUnit.SECONDS))
			.withCauseInstanceOf(LockNotAcquiredException.class);
		assertThatIllegalStateException().isThrownBy(() -> this.template.acquire("b"));
		held.close();
		assertThat(held.isHeld()).isFalse();
	}

	@Test
	void minimumTimeKeepsOthersOutAfterTheRelease() throws Exception {
		long since = System.nanoTime();
		LockHandle lock = this.template.acquire("a");
		lock.holdAtLeast(Duration.ofSeconds(1));
		lock.close();
		assertThat(lock.isHeld()).isFalse();
		assertThat(this.template.tryAcquire("a")).isEmpty();
		this.template.acquire("a").close();
		assertThat(System.nanoTime() - since).isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
		assertThatIllegalStateException().isThrownBy(() -> lock.holdAtLeast(Duration.ofSeconds(1)))
			.withMessageContaining("released already");
		assertThatIllegalArgumentException().isThrownBy(() -> lock.holdAtLeast(Duration.ofSeconds(-1)))
			.withMessageContaining("between zero and ten years");
	}

}
