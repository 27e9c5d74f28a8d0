package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.Set;

import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.DeclarePrecedence;
import org.aspectj.lang.reflect.MethodSignature;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * What AspectJ's weaver puts around methods marked with
 * {@link io.github.etcdlock.DistributedLock} or {@link io.github.etcdlock.LeaderOnly},
 * wherever it runs. It does nothing until an application context with
 * {@code etcd-lock.aop.mode=aspectj} gives it something to do. Locks are outside of
 * transactions and caches that are woven, as they are in proxies.
 */
@Aspect
@DeclarePrecedence("io.github.etcdlock.aop.WovenLocks, org.springframework.transaction.aspectj..*, "
		+ "org.springframework.cache.aspectj..*")
public final class WovenLocks {

	private static final String LOCKED = "execution(@io.github.etcdlock.DistributedLock * *(..))"
			+ " || execution(@(@io.github.etcdlock.DistributedLock *) * *(..))"
			+ " || execution(public !static * (@io.github.etcdlock.DistributedLock *).*(..))"
			+ " || execution(public !static * (@(@io.github.etcdlock.DistributedLock *) *).*(..))";

	private static final String LEADING = "execution(@io.github.etcdlock.LeaderOnly * *(..))"
			+ " || execution(@(@io.github.etcdlock.LeaderOnly *) * *(..))";

	/** They inherit the annotations of interfaces, and what they call is woven. */
	private static final String PROXY = "within(java.lang.reflect.Proxy+) || within(java.lang.annotation.Annotation+)";

	private final Set<WeavingContext> contexts = new LinkedHashSet<>();

	private volatile WovenAdvice advice = WovenAdvice.NONE;

	/** Made by the weaver, once per class loader. */
	public WovenLocks() {
	}

	/**
	 * Runs a marked method under its lock.
	 * @param call the call
	 * @return what the method returns
	 * @throws Throwable what the method throws
	 */
	@Around("(" + LOCKED + " || " + LEADING + ") && !(" + PROXY + ")")
	public @Nullable Object around(ProceedingJoinPoint call) throws Throwable {
		Method method = ((MethodSignature) call.getSignature()).getMethod();
		if (isOfProxy(method.getDeclaringClass())) {
			return call.proceed();
		}
		@Nullable Object[] arguments = call.getArgs();
		WovenCall rest = new WovenCall(call, arguments);
		return this.advice.around(call.getThis(), method, arguments, rest);
	}

	/** One that extends the class, and inherits its annotation. */
	private static boolean isOfProxy(Class<?> type) {
		return ClassUtils.getUserClass(type) != type;
	}

	/**
	 * A woven method cannot know whose bean it belongs to, so it serves one context, and
	 * none that has proxies besides.
	 */
	synchronized void enter(WeavingContext context) {
		for (WeavingContext other : this.contexts) {
			if (context.isWoven() || other.isWoven()) {
				throw new LockWeavingException(
						"The application context " + context + " cannot start beside " + other
								+ ", because etcd-lock.aop.mode=aspectj allows one application context per class "
								+ "loader: a woven method cannot know to which it belongs.",
						"Close the other one first, or set etcd-lock.aop.mode=proxy for both.");
			}
		}
		this.contexts.add(context);
		this.advice = context.advice();
	}

	/** What is called afterwards is refused rather than run without its lock. */
	synchronized void leave(WeavingContext context) {
		if (this.contexts.remove(context) && context.isWoven()) {
			this.advice = new ClosedAdvice(context.toString());
		}
	}

}
