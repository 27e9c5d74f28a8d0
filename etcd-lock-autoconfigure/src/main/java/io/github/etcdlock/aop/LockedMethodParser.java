package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.OnBusy;
import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ReactiveAdapter;

/** Turns an annotation into the record of its method, or says what is wrong with it. */
final class LockedMethodParser {

	private final ExpressionParser expressions;

	LockedMethodParser(ExpressionParser expressions) {
		this.expressions = expressions;
	}

	LockedMethod parse(DistributedLock lock, Method method, @Nullable Method annotated, Class<?> targetClass,
			String where) {
		ResultKind result = ResultKind.of(method, targetClass);
		ReactiveAdapter adapter = (result == ResultKind.PUBLISHER) ? PublisherType.adapter(method, targetClass) : null;
		checkSkip(lock, method, adapter);
		checkFallback(lock, method);
		Duration waitTime = LockDurations.of("waitTime", lock.waitTime(), this.expressions);
		if (waitTime == null && lock.onBusy() == OnBusy.SKIP) {
			waitTime = Duration.ZERO;
		}
		Duration ttl = LockDurations.of("ttl", lock.ttl(), this.expressions);
		Duration holdAtLeast = LockDurations.of("holdAtLeast", lock.holdAtLeast(), this.expressions);
		if (holdAtLeast != null && holdAtLeast.isNegative()) {
			throw new LockMistake("holdAtLeast = \"" + lock.holdAtLeast() + "\" is negative",
					"Choose another duration");
		}
		Parameters parameters = new Parameters(method, annotated);
		List<KeyTemplate> keys = keys(lock, parameters, where);
		LockRequest constant = check(lock, keys, waitTime, ttl);
		Condition condition = lock.condition().isBlank() ? null
				: this.expressions.condition(lock.condition(), parameters, where);
		Fallback fallback = lock.fallback().isBlank() ? null
				: Fallback.of(lock.fallback().strip(), method, targetClass);
		return new LockedMethod(where, constant, keys, lock.mode(), waitTime, ttl, holdAtLeast, condition,
				lock.onBusy(), fallback, lock.onLoss(), result, parameters.handedIn(), adapter);
	}

	private static void checkSkip(DistributedLock lock, Method method, @Nullable ReactiveAdapter adapter) {
		if (lock.onBusy() != OnBusy.SKIP) {
			return;
		}
		if (!lock.fallback().isBlank()) {
			throw new LockMistake("onBusy = SKIP and a fallback exclude each other", "Leave out one of them");
		}
		if (adapter != null && !adapter.supportsEmpty()) {
			throw new LockMistake(
					"onBusy = SKIP needs a result that can be empty, but it returns "
							+ method.getReturnType().getSimpleName(),
					"Return a type that can be, or use onBusy = THROW");
		}
		Class<?> type = method.getReturnType();
		if (type.isPrimitive() && type != void.class) {
			throw new LockMistake("onBusy = SKIP needs a result that can be empty, but it returns " + type.getName(),
					"Return the wrapper type or an Optional, or use onBusy = THROW");
		}
	}

	/** It would have to be another suspending function, called as Kotlin calls them. */
	private static void checkFallback(DistributedLock lock, Method method) {
		if (!lock.fallback().isBlank() && KotlinDetector.isSuspendingFunction(method)) {
			throw new LockMistake("a suspending function cannot have a fallback",
					"Catch LockNotAcquiredException where it is called, or use onBusy = SKIP");
		}
	}

	private List<KeyTemplate> keys(DistributedLock lock, Parameters parameters, String where) {
		if (lock.key().length == 0) {
			throw new LockMistake("it has no key", "Name what to lock, such as \"order:#{#id}\"");
		}
		List<KeyTemplate> keys = new ArrayList<>();
		for (String key : lock.key()) {
			if (key.isBlank()) {
				throw new LockMistake("its key is blank", "Name what to lock, such as \"order:#{#id}\"");
			}
			keys.add(this.expressions.key(key, parameters, where));
		}
		return List.copyOf(keys);
	}

	/**
	 * Checks the times and whatever is known of the keys; gives the request if all of it
	 * is known.
	 */
	private static @Nullable LockRequest check(DistributedLock lock, List<KeyTemplate> keys,
			@Nullable Duration waitTime, @Nullable Duration ttl) {
		List<String> known = new ArrayList<>();
		for (KeyTemplate key : keys) {
			String constant = key.constant();
			if (constant != null) {
				known.add(constant);
			}
		}
		try {
			List<String> checked = known.isEmpty() ? List.of("none is known yet") : known;
			LockRequest request = new LockRequest(checked, lock.mode(), waitTime, ttl, String.join(", ", lock.key()));
			return (known.size() == keys.size()) ? request : null;
		}
		catch (InvalidLockKeyException ex) {
			throw new LockMistake("its key is not valid: " + ex.getMessage(), "Choose another key", ex);
		}
		catch (IllegalArgumentException ex) {
			throw new LockMistake("its times are not valid: " + ex.getMessage(), "Choose another duration", ex);
		}
	}

}
