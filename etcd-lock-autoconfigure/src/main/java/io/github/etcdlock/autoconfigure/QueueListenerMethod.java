package io.github.etcdlock.autoconfigure;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.QueueListener;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkQueueOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.PropertyResolver;

/**
 * A listener as it is called: the annotation, read and checked once.
 *
 * @param bean the bean, with its proxy
 * @param method the method, as the bean can be called
 * @param queue the name of the queue
 * @param type the type of the values
 * @param concurrency how many threads
 * @param options how the queue is to be
 * @param backoff the first delay
 * @param maxBackoff the longest delay
 */
record QueueListenerMethod(Object bean, Method method, String queue, Class<?> type, int concurrency,
		WorkQueueOptions options, Duration backoff, Duration maxBackoff) {

	private static final int MOST_THREADS = 1000;

	static QueueListenerMethod of(Object bean, Method method, QueueListener listener, PropertyResolver texts) {
		Text text = new Text(method, texts);
		Class<?> type = checked(bean, method);
		String queue = text.of("queue", listener.queue());
		if (queue.isBlank()) {
			throw new QueueListenerException(method, "the name of the queue is blank",
					"Name the queue, as in @QueueListener(queue = \"orders\").", null);
		}
		return new QueueListenerMethod(bean, invocable(bean, method), queue, type,
				text.number("concurrency", listener.concurrency(), MOST_THREADS),
				WorkQueueOptions.DEFAULTS
					.withMaxDeliveries(text.number("maxDeliveries", listener.maxDeliveries(), Integer.MAX_VALUE)),
				text.time("backoff", listener.backoff()), text.time("maxBackoff", listener.maxBackoff()));
	}

	/** The type of the values, if the method can be a listener. */
	private static Class<?> checked(Object bean, Method method) {
		if (Modifier.isStatic(method.getModifiers()) || Modifier.isPrivate(method.getModifiers())) {
			throw new QueueListenerException(method, "the method is private or static",
					"Make it an instance method that is not private.", null);
		}
		if (endsLater(method.getReturnType())) {
			throw new QueueListenerException(method,
					"the method returns a " + method.getReturnType().getSimpleName()
							+ ", so that its item would be acknowledged before the work is done",
					"Wait for the result in the method, or acknowledge the items of WorkQueue.receive yourself.", null);
		}
		Class<?> type = null;
		for (int i = 0; i < method.getParameterCount(); i++) {
			ResolvableType parameter = ResolvableType.forMethodParameter(method, i, AopUtils.getTargetClass(bean));
			if (parameter.resolve() == LockHandle.class) {
				continue;
			}
			Class<?> found = (parameter.resolve() == WorkItem.class) ? parameter.getGeneric(0).resolve()
					: parameter.resolve();
			if (found == null || type != null) {
				throw wrongParameters(method);
			}
			type = found;
		}
		if (type == null) {
			throw wrongParameters(method);
		}
		return type;
	}

	/** Whether the work may be done, or even begin, after the method has returned. */
	private static boolean endsLater(Class<?> result) {
		return Stream.of(CompletionStage.class, Future.class, Flow.Publisher.class)
			.anyMatch((type) -> type.isAssignableFrom(result))
				|| (result != Object.class && ReactiveAdapterRegistry.getSharedInstance().getAdapter(result) != null);
	}

	private static QueueListenerException wrongParameters(Method method) {
		return new QueueListenerException(method, "its parameters are not those of a listener",
				"Give it one parameter for the value, of its type or as WorkItem<its type>, and if need be a "
						+ "LockHandle.",
				null);
	}

	private static Method invocable(Object bean, Method method) {
		try {
			Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
			invocable.setAccessible(true);
			return invocable;
		}
		catch (IllegalStateException ex) {
			throw new QueueListenerException(method, "the bean is a proxy of interfaces, none of which has the method",
					"Declare the method in one of the interfaces, or use class proxies "
							+ "(spring.aop.proxy-target-class=true).",
					ex);
		}
	}

	void call(WorkItem<?> item) throws Throwable {
		Object[] arguments = new Object[this.method.getParameterCount()];
		Class<?>[] types = this.method.getParameterTypes();
		for (int i = 0; i < arguments.length; i++) {
			arguments[i] = (types[i] == LockHandle.class) ? item.handle()
					: (types[i] == WorkItem.class) ? item : item.value();
		}
		try {
			this.method.invoke(this.bean, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/** How long an item rests on whose given delivery the method failed. */
	Duration delayAfter(int delivery) {
		Duration delay = this.backoff;
		for (int i = 1; i < delivery && delay.compareTo(this.maxBackoff) < 0; i++) {
			delay = delay.multipliedBy(2);
		}
		return (delay.compareTo(this.maxBackoff) < 0) ? delay : this.maxBackoff;
	}

	@Override
	public String toString() {
		return this.method.getDeclaringClass().getSimpleName() + "." + this.method.getName();
	}

	/** The annotation's texts, as values. */
	private record Text(Method method, PropertyResolver texts) {

		String of(String attribute, String text) {
			try {
				return this.texts.resolveRequiredPlaceholders(text);
			}
			catch (IllegalArgumentException ex) {
				throw mistake(attribute, text, "has a placeholder that cannot be resolved", ex);
			}
		}

		int number(String attribute, String text, int most) {
			String resolved = of(attribute, text);
			try {
				int number = Integer.parseInt(resolved.strip());
				if (number >= 1 && number <= most) {
					return number;
				}
			}
			catch (NumberFormatException ex) {
				throw mistake(attribute, resolved, "is no number", ex);
			}
			throw mistake(attribute, resolved, "is not between 1 and " + most, null);
		}

		Duration time(String attribute, String text) {
			String resolved = of(attribute, text);
			try {
				Duration time = DurationStyle.detectAndParse(resolved.strip());
				boolean unit = !resolved.strip().matches("\\d+") || time.isZero();
				if (unit && !time.isNegative()) {
					return time;
				}
			}
			catch (IllegalArgumentException ex) {
				throw mistake(attribute, resolved, "is no time", ex);
			}
			throw mistake(attribute, resolved, "is negative, or has no unit", null);
		}

		private QueueListenerException mistake(String attribute, String text, String mistake,
				@Nullable Throwable cause) {
			return new QueueListenerException(this.method, attribute + " = \"" + text + "\" " + mistake,
					"Correct the attribute " + attribute
							+ ", as in @QueueListener(queue = \"orders\", concurrency = \"4\", backoff = \"2s\").",
					cause);
		}

	}

}
