package io.github.etcdlock.etcd;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;

/**
 * What the parts of the engine share.
 *
 * @param settings the defaults
 * @param clock the time
 * @param loop where lines and sessions live
 * @param timers threads of our own
 * @param store requests to etcd
 * @param batches guarded transactions to etcd
 * @param watches the shared watch stream
 * @param mirrors copies of what is in etcd
 * @param renewals the shared renewal stream
 * @param keys where things live in etcd
 * @param reaper what is still to be ended in etcd
 * @param listeners who is told what happens
 */
record Engine(LockSettings settings, Clock clock, Loop loop, Timers timers, Store store, Batches batches,
		WatchStream watches, Mirrors mirrors, Renewals renewals, KeySpace keys, Reaper reaper, Listeners listeners) {

	/** The copy of everything under a prefix; on the loop. */
	Mirror mirror(ByteString prefix) {
		return mirror(Mirrors.Range.prefix(prefix));
	}

	/** The copy of a range; on the loop. */
	Mirror mirror(Mirrors.Range range) {
		return this.mirrors.of(this, range);
	}

	/** Tells the listeners of what happens to locks; a recipe is none. */
	void tell(Claim claim, Consumer<Listeners> news) {
		if (claim.kind() == Claim.Kind.LOCK) {
			news.accept(this.listeners);
		}
	}

	/** What a read shows. */
	CompletableFuture<RangeResponse> read(RangeRequest request) {
		CompletableFuture<RangeResponse> answer = new CompletableFuture<>();
		this.store.range(request, this.store.deadline(), answer::complete,
				(failure) -> answer.completeExceptionally(failure.unanswered()));
		return answer;
	}

	void later(long nanos, Runnable step) {
		this.timers.after(nanos, () -> this.loop.run(step));
	}

}
