package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.autoconfigure.EtcdLockProperties.Aop;
import io.github.etcdlock.autoconfigure.EtcdLockProperties.Aop.Mode;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * How marked methods are advised, for those who need to know before there are beans. It
 * binds as the properties do, so that no way of writing them is missed.
 */
final class LockAdvice {

	private LockAdvice() {
	}

	static Aop properties(Environment environment) {
		return Binder.get(environment).bindOrCreate("etcd-lock.aop", Aop.class);
	}

	static boolean isWoven(Environment environment) {
		return environment.containsProperty("etcd-lock.aop.mode") && properties(environment).mode() == Mode.ASPECTJ;
	}

	static boolean classProxies(Environment environment) {
		return environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
	}

	static class Proxied implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return !isWoven(context.getEnvironment());
		}

	}

	static class Woven implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return isWoven(context.getEnvironment());
		}

	}

}
