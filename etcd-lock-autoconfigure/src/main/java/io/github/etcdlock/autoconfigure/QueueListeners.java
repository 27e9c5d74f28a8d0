package io.github.etcdlock.autoconfigure;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.QueueListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.env.Environment;

/**
 * Finds the listeners among the beans, starts them when the application has started, and
 * stops them before anything that their work may need. Without an etcd none is called.
 */
final class QueueListeners implements BeanPostProcessor, SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(QueueListeners.class);

	private final Environment environment;

	private final Supplier<@Nullable EtcdRecipes> recipes;

	private final Supplier<Duration> shutdownTimeout;

	private final List<QueueListenerMethod> methods = new ArrayList<>();

	private final List<QueueWorkers<?>> workers = new ArrayList<>();

	private volatile boolean running;

	QueueListeners(Environment environment, Supplier<@Nullable EtcdRecipes> recipes,
			Supplier<Duration> shutdownTimeout) {
		this.environment = environment;
		this.recipes = recipes;
		this.shutdownTimeout = shutdownTimeout;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		Class<?> type = AopProxyUtils.ultimateTargetClass(bean);
		if (AnnotationUtils.isCandidateClass(type, QueueListener.class)) {
			Map<Method, QueueListener> found = MethodIntrospector.selectMethods(type,
					(MethodIntrospector.MetadataLookup<QueueListener>) (method) -> AnnotatedElementUtils
						.findMergedAnnotation(method, QueueListener.class));
			found.forEach((method, listener) -> add(QueueListenerMethod.of(bean, method, listener, this.environment)));
		}
		return bean;
	}

	private synchronized void add(QueueListenerMethod method) {
		this.methods.add(method);
		if (this.running) {
			begin(List.of(method));
		}
	}

	private void begin(List<QueueListenerMethod> listeners) {
		EtcdRecipes recipes = listeners.isEmpty() ? null : this.recipes.get();
		if (recipes == null) {
			listeners.forEach((listener) -> logger
				.warn("{} is not called: there is no EtcdRecipes, as with etcd-lock.enabled=false", listener));
			return;
		}
		for (QueueListenerMethod listener : listeners) {
			QueueWorkers<?> begun = new QueueWorkers<>(listener, recipes, listener.type());
			this.workers.add(begun);
			begun.start();
		}
	}

	@Override
	public synchronized void start() {
		this.running = true;
		begin(this.methods);
	}

	@Override
	public synchronized void stop() {
		this.workers.forEach(QueueWorkers::stop);
		this.running = false;
		long deadline = System.nanoTime() + (this.workers.isEmpty() ? 0 : this.shutdownTimeout.get().toNanos());
		try {
			for (QueueWorkers<?> listener : this.workers) {
				listener.join(deadline);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.workers.clear();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

}
