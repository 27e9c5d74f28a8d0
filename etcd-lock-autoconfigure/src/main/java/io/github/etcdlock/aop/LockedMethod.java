package io.github.etcdlock.aop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ReactiveAdapter;

/**
 * Everything the annotation of one method says, ready for use.
 *
 * @param where the method, as messages name it
 * @param constant the request, if it is the same for every call
 * @param keys the keys
 * @param mode the mode
 * @param waitTime how long to wait, or null for the default
 * @param ttl the time to live, or null for the default
 * @param holdAtLeast how long to keep the keys at least, or null for not at all
 * @param condition when to lock, or null for always
 * @param onBusy what to do when the lock could not be had
 * @param fallback what to call then, or null
 * @param onLoss what to do when the lock is lost
 * @param result what the method returns
 * @param handedIn which parameters are filled from the lock
 * @param adapter what makes the publisher it returns one of Reactor's and back, or null
 */
record LockedMethod(String where, @Nullable LockRequest constant, List<KeyTemplate> keys, LockMode mode,
		@Nullable Duration waitTime, @Nullable Duration ttl, @Nullable Duration holdAtLeast,
		@Nullable Condition condition, OnBusy onBusy, @Nullable Fallback fallback, OnLoss onLoss, ResultKind result,
		HandedIn handedIn, @Nullable ReactiveAdapter adapter) {

	LockLostException lost(LockHandle lock, String outcome, @Nullable Throwable cause) {
		String keys = lock.keys().stream().map(LockRequest::quote).collect(Collectors.joining(", "));
		return new LockLostException("The lock on " + keys + " was lost after " + lock.heldFor() + " while "
				+ this.where + " ran, " + outcome + "; another may have held it meanwhile: check what was written",
				cause);
	}

	boolean appliesTo(Call call) {
		return this.condition == null || this.condition.holds(call);
	}

	LockRequest request(Call call) {
		if (this.constant != null) {
			return this.constant;
		}
		if (this.keys.size() == 1) {
			return new LockRequest(List.of(this.keys.get(0).key(call)), this.mode, this.waitTime, this.ttl, name());
		}
		List<String> filled = new ArrayList<>(this.keys.size());
		for (KeyTemplate key : this.keys) {
			filled.add(key.key(call));
		}
		return new LockRequest(filled, this.mode, this.waitTime, this.ttl, name());
	}

	/**
	 * What may outlive a lock that the calling thread holds cannot join it, and would
	 * wait for its own caller.
	 */
	void checkNotHeld(LockTemplate template, LockRequest request, String does, String endAndCure) {
		if (template.held().stream().anyMatch((lock) -> !Collections.disjoint(lock.keys(), request.keys()))) {
			throw new IllegalStateException("This thread holds " + request.quotedKeys() + " while it " + does + " "
					+ this.where + ", which needs the same lock until " + endAndCure + " without holding the lock");
		}
	}

	/** What metrics and traces call the locks of this method. */
	private String name() {
		return (this.keys.size() == 1) ? this.keys.get(0).text()
				: this.keys.stream().map(KeyTemplate::text).collect(Collectors.joining(", "));
	}

}
