package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
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
	STAGE_OF_OPTIONAL;

	boolean isStage() {
		return this == STAGE || this == STAGE_OF_OPTIONAL;
	}

	@Nullable Object empty() {
		return switch (this) {
			case VALUE -> null;
			case OPTIONAL -> Optional.empty();
			case STAGE -> CompletableFuture.completedFuture(null);
			case STAGE_OF_OPTIONAL -> CompletableFuture.completedFuture(Optional.empty());
		};
	}

	static ResultKind of(Method method, Class<?> targetClass) {
		ResolvableType result = ResolvableType.forMethodReturnType(method, targetClass);
		Class<?> type = result.resolve(method.getReturnType());
		if (isPublisher(type) || KotlinDetector.isSuspendingFunction(method)) {
			throw new LockMistake(
					"it returns a " + type.getSimpleName()
							+ ", whose work begins after the method has returned, and the lock would be gone by then",
					"Publishers and suspending functions cannot be locked yet: return a CompletableFuture, or wait");
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

	private static boolean isPublisher(Class<?> type) {
		if (type == Object.class || CompletionStage.class.isAssignableFrom(type)) {
			return false;
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
		return adapter != null || Flow.Publisher.class.isAssignableFrom(type) || isReactiveStreams(type);
	}

	/**
	 * By name, since Reactive Streams may not be there, nor any library that has an
	 * adapter.
	 */
	private static boolean isReactiveStreams(@Nullable Class<?> type) {
		if (type == null) {
			return false;
		}
		if (type.getName().equals("org.reactivestreams.Publisher") || isReactiveStreams(type.getSuperclass())) {
			return true;
		}
		for (Class<?> parent : type.getInterfaces()) {
			if (isReactiveStreams(parent)) {
				return true;
			}
		}
		return false;
	}

}
