package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import io.github.etcdlock.InvalidLockKeyException;
import io.github.etcdlock.LeaderOnly;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * The methods marked with {@link LeaderOnly}, as far as they were asked for, and what is
 * around a call of one. A mark that cannot work is a {@link LockDefinitionException}.
 */
public final class LeaderOnlyMethods {

	private record Marked(String election, ResultKind result) {
	}

	private final MethodRules rules;

	private final UnaryOperator<String> texts;

	private final RunningCalls running = new RunningCalls();

	private final Supplier<Leaderships> leaderships;

	private final Map<MethodClassKey, Marked> methods = new ConcurrentHashMap<>();

	private LeaderOnlyMethods(MethodRules rules, UnaryOperator<String> texts, Supplier<Leaderships> leaderships) {
		this.rules = rules;
		this.texts = texts;
		this.leaderships = SingletonSupplier.of(leaderships);
	}

	/**
	 * Methods that proxies let run or not.
	 * @param classProxies whether proxies extend the beans' classes, as Spring Boot's do
	 * by default
	 * @param texts fills in the placeholders of a name
	 * @param leaderships asked once, at the first call of a marked method
	 * @return the methods
	 */
	public static LeaderOnlyMethods proxied(boolean classProxies, UnaryOperator<String> texts,
			Supplier<Leaderships> leaderships) {
		return new LeaderOnlyMethods(new ProxyRules(classProxies), texts, leaderships);
	}

	/**
	 * Methods that are woven.
	 * @param texts fills in the placeholders of a name
	 * @param leaderships asked once, at the first call of a marked method
	 * @return the methods
	 */
	public static LeaderOnlyMethods woven(UnaryOperator<String> texts, Supplier<Leaderships> leaderships) {
		return new LeaderOnlyMethods(new WeavingRules(LeaderOnly.class), texts, leaderships);
	}

	/**
	 * The elections that methods found so far are marked with.
	 * @return their names
	 */
	public Set<String> elections() {
		return this.methods.values().stream().map(Marked::election).collect(Collectors.toUnmodifiableSet());
	}

	/**
	 * Waits until no marked method runs.
	 * @param most how long at most
	 * @return how many still run when the time is over
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	public int awaitCalls(Duration most) throws InterruptedException {
		return this.running.await(most);
	}

	boolean contains(Method method, Class<?> targetClass) {
		return marked(method, targetClass) != null;
	}

	/** Finds the methods of a class before any is called. */
	void read(Class<?> targetClass) {
		if (LockMarks.canHave(targetClass, LeaderOnly.class)) {
			for (Class<?> type : LockMarks.typesOf(targetClass)) {
				ReflectionUtils.doWithMethods(type, (method) -> marked(method, targetClass),
						ReflectionUtils.USER_DECLARED_METHODS);
			}
		}
	}

	private @Nullable Marked marked(Method method, Class<?> targetClass) {
		MethodClassKey key = new MethodClassKey(method, targetClass);
		Marked known = this.methods.get(key);
		if (known == null) {
			Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
			LeaderOnly mark = AnnotatedElementUtils.findMergedAnnotation(specific, LeaderOnly.class);
			if (mark != null) {
				known = parse(mark, specific, targetClass);
				this.methods.put(key, known);
			}
		}
		return known;
	}

	private Marked parse(LeaderOnly mark, Method method, Class<?> targetClass) {
		try {
			this.rules.check(method, targetClass);
			return new Marked(election(mark.value()), result(method, targetClass));
		}
		catch (LockMistake ex) {
			throw new LockDefinitionException(LeaderOnly.class, ClassUtils.getUserClass(targetClass).getName() + "."
					+ method.getName() + "()" + LockedMethods.beanName(), ex);
		}
	}

	private String election(String text) {
		String election = ExpressionParser.resolved(text, this.texts);
		try {
			LockRequest.of(election);
			return election;
		}
		catch (InvalidLockKeyException ex) {
			throw new LockMistake("its name is not valid: " + ex.getMessage(),
					"Name what there is one leader for, such as \"nightly\"", ex);
		}
	}

	private static ResultKind result(Method method, Class<?> targetClass) {
		ResultKind result = ResultKind.of(method, targetClass);
		if (result != ResultKind.VALUE && result != ResultKind.OPTIONAL) {
			throw new LockMistake("it returns before its work is done",
					"Wait for the result within the method, for its leadership ends with it");
		}
		if (method.getReturnType().isPrimitive() && method.getReturnType() != void.class) {
			throw new LockMistake("there is no " + method.getReturnType() + " to return where it does not run",
					"Return void, an Optional, or a type that can be null");
		}
		return result;
	}

	@Nullable Object around(@Nullable Object target, Method method, Proceed rest) throws Throwable {
		Marked marked = (target != null) ? marked(method, target.getClass()) : null;
		if (marked == null) {
			return rest.proceed();
		}
		// Counted before it asks: whoever awaits the calls has seen to it that none
		// leads.
		this.running.begun();
		try {
			return led(marked, rest);
		}
		finally {
			this.running.ended();
		}
	}

	private @Nullable Object led(Marked marked, Proceed rest) throws Throwable {
		String election = marked.election();
		Optional<BooleanSupplier> leadership = this.leaderships.get().leadership(election);
		if (leadership.isEmpty()) {
			return marked.result().empty();
		}
		Object result = rest.proceed();
		if (!leadership.get().getAsBoolean()) {
			throw new LockLostException("The leadership of " + LockRequest.quote(election)
					+ " was lost while a method ran that only the leader runs: another may have run it too");
		}
		return result;
	}

}
