package io.github.etcdlock.aop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * What a chain of publishers holds, innermost first: it goes with the subscription, as
 * what {@code execute} holds goes with the thread.
 *
 * @param template where the locks are from
 * @param locks the locks
 */
record ContextLocks(LockTemplate template, List<LockHandle> locks) {

	private record Key(LockTemplate template) {
	}

	static ContextLocks of(LockTemplate template, ContextView context) {
		return context.getOrDefault(new Key(template), new ContextLocks(template, List.of()));
	}

	Context into(Context context) {
		return context.put(new Key(this.template), this);
	}

	ContextLocks with(LockHandle lock) {
		List<LockHandle> all = new ArrayList<>(this.locks.size() + 1);
		all.add(lock);
		all.addAll(this.locks);
		return new ContextLocks(this.template, List.copyOf(all));
	}

	/** The lock that a request can join, if any; refuses one that waits for itself. */
	@Nullable LockHandle joinable(LockRequest request) {
		for (LockHandle lock : this.locks) {
			if (Collections.disjoint(lock.keys(), request.keys())) {
				continue;
			}
			if (!lock.keys().containsAll(request.keys())) {
				throw new IllegalStateException("This chain asks for " + request.quotedKeys()
						+ " and holds some of these keys already, so it would wait for itself: "
						+ "take all of them together from the start");
			}
			if (lock.mode() == LockMode.SHARED && request.mode() == LockMode.EXCLUSIVE) {
				throw new IllegalStateException("This chain holds " + request.quotedKeys()
						+ " in shared mode and asks for it in exclusive mode, which would wait for itself: "
						+ "take it in exclusive mode from the start");
			}
			if (!lock.isHeld()) {
				throw new LockLostException("The lock " + lock + ", which this chain is to join, is not held any more");
			}
			return lock;
		}
		return null;
	}

}
