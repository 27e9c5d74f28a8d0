package io.github.etcdlock.aop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import org.jspecify.annotations.Nullable;

/**
 * Everything the annotation of one method says, ready for use.
 *
 * @param where the method, as messages name it
 * @param constant the request, if it is the same for every call
 * @param keys the keys
 * @param mode the mode
 * @param waitTime how long to wait, or null for the default
 * @param ttl the time to live, or null for the default
 * @param condition when to lock, or null for always
 * @param onBusy what to do when the lock could not be had
 * @param fallback what to call then, or null
 * @param onLoss what to do when the lock is lost
 * @param result what the method returns
 */
record LockedMethod(String where, @Nullable LockRequest constant, List<KeyTemplate> keys, LockMode mode,
		@Nullable Duration waitTime, @Nullable Duration ttl, @Nullable Condition condition, OnBusy onBusy,
		@Nullable Fallback fallback, OnLoss onLoss, ResultKind result) {

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
			return new LockRequest(List.of(this.keys.get(0).key(call)), this.mode, this.waitTime, this.ttl);
		}
		List<String> filled = new ArrayList<>(this.keys.size());
		for (KeyTemplate key : this.keys) {
			filled.add(key.key(call));
		}
		return new LockRequest(filled, this.mode, this.waitTime, this.ttl);
	}

}
