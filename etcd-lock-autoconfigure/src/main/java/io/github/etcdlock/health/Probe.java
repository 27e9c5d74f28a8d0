package io.github.etcdlock.health;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The question whether etcd answers. One at most is on its way, and whoever asks while it
 * is gets its answer, so nobody has to stay until it comes.
 */
final class Probe {

	private final Supplier<CompletableFuture<Void>> question;

	private @Nullable CompletableFuture<Duration> asked;

	/** When the first question was asked that has no answer, and all since have none. */
	private @Nullable Long silentSince;

	Probe(Supplier<CompletableFuture<Void>> question) {
		this.question = question;
	}

	/** How long etcd takes to answer; fails if it does not. */
	synchronized CompletableFuture<Duration> ask() {
		CompletableFuture<Duration> asked = this.asked;
		if (asked == null || asked.isDone()) {
			long since = System.nanoTime();
			if (this.silentSince == null) {
				this.silentSince = since;
			}
			asked = this.question.get().thenApply((nothing) -> answered(since));
			this.asked = asked;
		}
		return asked;
	}

	private synchronized Duration answered(long since) {
		this.silentSince = null;
		return Duration.ofNanos(System.nanoTime() - since);
	}

	/** For how long etcd has answered none of our questions. */
	synchronized Duration silence() {
		return (this.silentSince != null) ? Duration.ofNanos(System.nanoTime() - this.silentSince) : Duration.ZERO;
	}

}
