package io.github.etcdlock.aop;

import java.util.function.Supplier;

import org.aspectj.lang.Aspects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * The place of an application context in the aspect of its class loader, taken before any
 * bean is made.
 */
public final class WeavingContext implements BeanFactoryPostProcessor, DisposableBean {

	private final String name;

	private final @Nullable Supplier<WovenBeans> beans;

	private WeavingContext(String name, @Nullable Supplier<WovenBeans> beans) {
		this.name = name;
		this.beans = beans;
	}

	/**
	 * A context whose beans are woven.
	 * @param name its name, for messages
	 * @param beans what is around its methods
	 * @return the context
	 */
	public static WeavingContext woven(String name, Supplier<WovenBeans> beans) {
		return new WeavingContext(name, beans);
	}

	/**
	 * A context whose beans have proxies, and which may share its class loader with such
	 * only.
	 * @param name its name, for messages
	 * @return the context
	 */
	public static WeavingContext proxied(String name) {
		return new WeavingContext(name, null);
	}

	boolean isWoven() {
		return this.beans != null;
	}

	WovenAdvice advice() {
		return (this.beans != null) ? this.beans.get() : WovenAdvice.NONE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (isWeaverThere()) {
			Aspects.aspectOf(WovenLocks.class).enter(this);
		}
		else if (isWoven()) {
			throw new LockWeavingException(
					"The property etcd-lock.aop.mode = aspectj needs AspectJ's weaver, which does not run in this JVM "
							+ "or leaves out " + WovenLocks.class.getName() + ".",
					"Start the JVM with -javaagent:aspectjweaver.jar (@EnableLoadTimeWeaving begins too late, when "
							+ "beans' classes are loaded); if an aop.xml of yours has <include>, let it include that class. "
							+ "Or set etcd-lock.aop.mode=proxy.");
		}
	}

	@Override
	public void destroy() {
		if (isWeaverThere()) {
			Aspects.aspectOf(WovenLocks.class).leave(this);
		}
	}

	/** AspectJ itself may be missing, as long as beans have proxies. */
	private static boolean isWeaverThere() {
		return ClassUtils.isPresent("org.aspectj.lang.Aspects", WeavingContext.class.getClassLoader())
				&& Aspects.hasAspect(WovenLocks.class);
	}

	@Override
	public String toString() {
		return "'" + this.name + "'";
	}

}
