package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;

/**
 * What a method returns, as far as its lock cares: when the work is done, and what stands
 * for no result.
 */
enum ResultKind {

	/** Done when the method returns; no result is null. */
	VALUE,

	/** Done when the method returns; no result is an empty Optional. */
	OPTIONAL,

	/** Done when the stage completes; no result is a stage of null. */
	STAGE,

	/** Done when the stage completes; no result is a stage of an empty Optional. */
	STAGE_OF_OPTIONAL,

	/** Done when a subscriber is told so, or cancels; no result is an empty one. */
	PUBLISHER;

	boolean isStage() {
		return this == STAGE || this == STAGE_OF_OPTIONAL;
	}

	@Nullable Object empty() {
		return switch (this) {
			case VALUE, PUBLISHER -> null;
			case OPTIONAL -> Optional.empty();
			case STAGE -> CompletableFuture.completedFuture(null);
			case STAGE_OF_OPTIONAL -> CompletableFuture.completedFuture(Optional.empty());
		};
	}

	static ResultKind of(Method method, Class<?> targetClass) {
		ResolvableType result = ResolvableType.forMethodReturnType(method, targetClass);
		Class<?> type = result.resolve(method.getReturnType());
		if (PublisherType.covers(method, type)) {
			return PUBLISHER;
		}
		if (CompletionStage.class.isAssignableFrom(type) && type.isAssignableFrom(CompletableFuture.class)) {
			boolean optional = Optional.class == result.as(CompletionStage.class).getGeneric().resolve();
			return optional ? STAGE_OF_OPTIONAL : STAGE;
		}
		if (CompletionStage.class.isAssignableFrom(type) || Future.class.isAssignableFrom(type)) {
			throw new LockMistake(
					"it returns a " + type.getSimpleName() + ", whose end cannot be awaited without blocking",
					"Return CompletableFuture or CompletionStage, so that the lock is held until it completes");
		}
		return (type == Optional.class) ? OPTIONAL : VALUE;
	}

}
