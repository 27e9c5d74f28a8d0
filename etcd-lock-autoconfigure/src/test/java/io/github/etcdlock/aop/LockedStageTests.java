package io.github.etcdlock.aop;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

class LockedStageTests {

	private final Locking locking = new Locking();

	private final RecordingLockTemplate template = this.locking.template;

	private final CompletableFuture<String> work = new CompletableFuture<>();

	private final Jobs jobs = this.locking.proxy(new Jobs(this.template));

	@Test
	void lockIsHeldUntilTheStageCompletes() throws Exception {
		CompletableFuture<String> result = this.jobs.run(this.work);
		assertThat(this.template.isIdle()).isFalse();
		assertThat(result).isNotDone();
		this.work.complete("done");
		assertThat(result.get()).isEqualTo("done");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void whatFollowsTheStageDoesNotRunOnTheThreadThatReleases() {
		CompletableFuture<Thread> follower = this.jobs.run(this.work).thenApply((result) -> Thread.currentThread());
		this.work.complete("done");
		assertThat(follower.join()).isNotSameAs(Thread.currentThread());
		CompletableFuture<Thread> ofLoss = this.jobs.interruptible(new CompletableFuture<>())
			.handle((result, loss) -> Thread.currentThread());
		this.template.lastHandle().lose();
		assertThat(ofLoss.join()).isNotSameAs(Thread.currentThread());
	}

	@Test
	void failureOfTheStagePassesAndReleases() {
		CompletableFuture<String> result = this.jobs.run(this.work);
		this.work.completeExceptionally(new IllegalArgumentException("no"));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.withCauseInstanceOf(IllegalArgumentException.class);
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void methodThatThrowsReleases() {
		assertThatIllegalStateException().isThrownBy(() -> this.jobs.fail()).withMessage("at once");
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void lossFoundAtTheReleaseIsCarriedByTheFailureOfTheMethod() {
		assertThatIllegalStateException().isThrownBy(() -> this.jobs.failAndLose())
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasOnlyElementsOfType(LockLostException.class));
	}

	@Test
	void methodThatReturnsNoStageReleases() {
		assertThat(this.jobs.run(null)).isNull();
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void cancellingCancelsTheWorkAndReleases() {
		CompletableFuture<String> result = this.jobs.run(this.work);
		result.cancel(true);
		assertThat(this.work).isCancelled();
		assertThat(this.template.isIdle()).isTrue();
	}

	@Test
	void lossCompletesExceptionallyOnceTheWorkHasEnded() {
		CompletableFuture<String> result = this.jobs.run(this.work);
		this.template.lastHandle().lose();
		assertThat(result).isNotDone();
		this.work.complete("done");
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.withCauseInstanceOf(LockLostException.class);
	}

	@Test
	void failureOfTheWorkCarriesTheLoss() {
		CompletableFuture<String> result = this.jobs.run(this.work);
		this.template.lastHandle().lose();
		this.work.completeExceptionally(new IllegalArgumentException("no"));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.satisfies((ex) -> assertThat(ex.getCause()).isInstanceOf(IllegalArgumentException.class)
				.hasSuppressedException(suppressed(ex)));
	}

	private static Throwable suppressed(ExecutionException ex) {
		assertThat(ex.getCause().getSuppressed()).hasOnlyElementsOfType(LockLostException.class);
		return ex.getCause().getSuppressed()[0];
	}

	@Test
	void lossWithInterruptGivesTheWorkUp() {
		CompletableFuture<String> result = this.jobs.interruptible(this.work);
		this.template.lastHandle().lose();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.withCauseInstanceOf(LockLostException.class);
		await().until(this.work::isCancelled);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void refusalFailsTheStage() {
		this.template.refuseWith(new LockUnavailableException("down"));
		assertThat(this.jobs.run(this.work)).isCompletedExceptionally();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> this.jobs.run(this.work).get())
			.withCauseInstanceOf(LockUnavailableException.class);
	}

	@Test
	void interruptWhileWaitingFailsTheStageAndStaysSet() {
		Thread.currentThread().interrupt();
		CompletableFuture<String> result = this.jobs.run(this.work);
		assertThat(Thread.interrupted()).isTrue();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.withCauseInstanceOf(LockNotAcquiredException.class);
	}

	@Test
	void stageUnderALockFurtherOutIsRefusedToo() {
		assertThatIllegalStateException()
			.isThrownBy(() -> this.template.execute("k",
					(outer) -> this.template.execute("other", (inner) -> this.jobs.run(this.work))))
			.withMessageContaining("This thread holds \"k\" while it calls");
	}

	@Test
	void lossFoundAtTheReleaseCounts() {
		CompletableFuture<String> result = this.jobs.run(this.work);
		this.template.lastHandle().loseAtRelease();
		this.work.complete("done");
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.withCauseInstanceOf(LockLostException.class);
	}

	@Test
	void skipGivesAStageOfNothing() {
		this.template.refuseWith(new LockNotAcquiredException("busy"));
		assertThat(this.jobs.skip().toCompletableFuture()).isCompletedWithValue(null);
		assertThat(this.jobs.skipOptional()).isCompletedWithValue(Optional.empty());
	}

	@Test
	void fallbackGivesTheStage() {
		this.template.refuseWith(new LockNotAcquiredException("busy"));
		assertThat(this.jobs.reserve()).isCompletedWithValue("fallback");
	}

	static class Jobs {

		private final RecordingLockTemplate template;

		Jobs(RecordingLockTemplate template) {
			this.template = template;
		}

		Jobs() {
			this(new RecordingLockTemplate());
		}

		@DistributedLock("k")
		public CompletableFuture<String> run(CompletableFuture<String> work) {
			assertThat(this.template.isIdle()).isFalse();
			return work;
		}

		@DistributedLock("k")
		public CompletionStage<String> fail() {
			throw new IllegalStateException("at once");
		}

		@DistributedLock("k")
		public CompletionStage<String> failAndLose() {
			this.template.lastHandle().loseAtRelease();
			throw new IllegalStateException("at once");
		}

		@DistributedLock(key = "k", onLoss = OnLoss.INTERRUPT)
		public CompletableFuture<String> interruptible(CompletableFuture<String> work) {
			return work;
		}

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public CompletionStage<String> skip() {
			return CompletableFuture.completedFuture("ran");
		}

		@DistributedLock(key = "k", onBusy = OnBusy.SKIP)
		public CompletableFuture<Optional<String>> skipOptional() {
			return CompletableFuture.completedFuture(Optional.of("ran"));
		}

		@DistributedLock(key = "k", fallback = "fallback")
		public CompletableFuture<String> reserve() {
			return CompletableFuture.completedFuture("ran");
		}

		CompletableFuture<String> fallback() {
			return CompletableFuture.completedFuture("fallback");
		}

	}

}
