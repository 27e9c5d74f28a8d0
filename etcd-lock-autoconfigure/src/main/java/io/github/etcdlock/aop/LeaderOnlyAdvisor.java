package io.github.etcdlock.aop;

import java.lang.reflect.Method;

import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;

/**
 * Lets methods marked with {@link io.github.etcdlock.LeaderOnly} run on the leader only.
 * A mark that cannot work is an {@link IllegalStateException} when such a bean is made.
 */
public final class LeaderOnlyAdvisor extends StaticMethodMatcherPointcutAdvisor implements MethodInterceptor {

	private static final long serialVersionUID = 1L;

	private final transient LeaderOnlyMethods methods;

	/**
	 * Creates the advisor.
	 * @param methods the marked methods
	 * @param order the place among other advisors; a smaller one is further out
	 */
	public LeaderOnlyAdvisor(LeaderOnlyMethods methods, int order) {
		this.methods = methods;
		setOrder(order);
	}

	@Override
	public Advice getAdvice() {
		return this;
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return this.methods.contains(method, targetClass);
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		return this.methods.around(invocation.getThis(), invocation.getMethod(), invocation::proceed);
	}

}
