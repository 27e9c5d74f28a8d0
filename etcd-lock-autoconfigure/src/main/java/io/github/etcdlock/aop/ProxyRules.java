package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Which methods a proxy can lock at all. */
final class ProxyRules implements MethodRules {

	private final boolean classProxies;

	/**
	 * The rules of proxies that extend the bean's class, or of those that implement its
	 * interfaces.
	 */
	ProxyRules(boolean classProxies) {
		this.classProxies = classProxies;
	}

	static boolean coveredByType(Method method) {
		return Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())
				&& !ReflectionUtils.isObjectMethod(method);
	}

	@Override
	public void check(Method method, Class<?> targetClass) {
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers)) {
			throw new LockMistake("the method is private, so no proxy can lock it",
					"Make it public, and call it from another bean, or set etcd-lock.aop.mode=aspectj");
		}
		if (Modifier.isStatic(modifiers)) {
			throw new LockMistake("the method is static, so no proxy can lock it",
					"Make it an instance method of the bean");
		}
		if (Proxy.isProxyClass(targetClass) || ClassUtils.isLambdaClass(targetClass)
				|| throughInterface(method, targetClass)) {
			return;
		}
		if (Modifier.isFinal(targetClass.getModifiers())) {
			throw new LockMistake("the class is final, so no proxy can lock its methods", openIt("class"));
		}
		if (Modifier.isFinal(modifiers)) {
			throw new LockMistake("the method is final, so no proxy can lock it", openIt("method"));
		}
	}

	private String openIt(String what) {
		return "Make the " + what + " not final" + (this.classProxies
				? ", or call it through an interface and set spring.aop.proxy-target-class=false" : "");
	}

	private boolean throughInterface(Method method, Class<?> targetClass) {
		return !this.classProxies
				&& ClassUtils.getInterfaceMethodIfPossible(method, targetClass).getDeclaringClass().isInterface();
	}

}
