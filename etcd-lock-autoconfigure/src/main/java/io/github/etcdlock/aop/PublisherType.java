package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * Methods whose work begins when somebody subscribes to what they return, and whether a
 * lock can be put around it.
 */
final class PublisherType {

	private static final String MONO = "reactor.core.publisher.Mono";

	private static final String FLUX = "reactor.core.publisher.Flux";

	private static final String COROUTINES = "kotlinx.coroutines.reactor.MonoKt";

	private static final String FLOW = "kotlinx.coroutines.flow.Flow";

	private PublisherType() {
	}

	/** Whether a method is of this kind; its result may be generic. */
	static boolean covers(Method method, Class<?> type) {
		if (KotlinDetector.isSuspendingFunction(method)) {
			return true;
		}
		if (type == Object.class || CompletionStage.class.isAssignableFrom(type)) {
			return false;
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
		return adapter != null || Flow.Publisher.class.isAssignableFrom(type) || isReactiveStreams(type);
	}

	/** What makes the result a publisher of Reactor and back. */
	static ReactiveAdapter adapter(Method method, Class<?> targetClass) {
		Class<?> type = KotlinDetector.isSuspendingFunction(method) ? suspending(method)
				: ResolvableType.forMethodReturnType(method, targetClass).resolve(method.getReturnType());
		String returns = "it returns a " + type.getSimpleName();
		if (!isPresent(FLUX)) {
			throw new LockMistake(
					returns + ", whose work begins after the method has returned, and only Reactor can "
							+ "hold the lock for so long",
					"Add io.projectreactor:reactor-core, or return a CompletableFuture");
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
		if (adapter == null || !type.isAssignableFrom(adapter.getReactiveType())) {
			throw new LockMistake(returns + ", and no lock can be put around a " + type.getSimpleName(),
					"Return " + ((adapter != null) ? adapter.getReactiveType().getSimpleName() : "a Mono or a Flux"));
		}
		return adapter;
	}

	/** Spring's proxies make publishers of suspending functions, and back. */
	private static Class<?> suspending(Method method) {
		if (!isPresent(COROUTINES)) {
			throw new LockMistake(
					"it is a suspending function, and without kotlinx-coroutines-reactor no proxy can see when it has "
							+ "ended",
					"Add org.jetbrains.kotlinx:kotlinx-coroutines-reactor and org.jetbrains.kotlin:kotlin-reflect");
		}
		boolean flow = FLOW.equals(new MethodParameter(method, -1).getParameterType().getName());
		return ClassUtils.resolveClassName(flow ? FLUX : MONO, PublisherType.class.getClassLoader());
	}

	private static boolean isPresent(String type) {
		return ClassUtils.isPresent(type, PublisherType.class.getClassLoader());
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
