package io.github.etcdlock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

/**
 * Runs a method while a distributed lock is held, so that one instance at a time, across
 * every machine, is inside it. On a class or interface it applies to each public method.
 * It may be used to compose annotations of one's own.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface DistributedLock {

	/**
	 * Alias for {@link #key()}.
	 * @return the keys
	 */
	@AliasFor("key")
	String[] value() default {};

	/**
	 * The keys to lock. Text is literal, <code>#{...}</code> is a SpEL expression over
	 * the method's arguments, <code>${...}</code> a property. Several keys are taken
	 * together, all or none.
	 * @return the keys
	 */
	@AliasFor("value")
	String[] key() default {};

	/**
	 * Whether others may hold the lock at the same time.
	 * @return the mode
	 */
	LockMode mode() default LockMode.EXCLUSIVE;

	/**
	 * How long to wait for the lock, such as {@code "5s"} or <code>${...}</code>;
	 * {@code "0"} tries once. Empty means {@code etcd-lock.wait-time}.
	 * @return the wait time
	 */
	String waitTime() default "";

	/**
	 * How soon the lock is free after its holder died, in whole seconds from {@code "2s"}
	 * up; a living holder keeps it for as long as the method runs. Empty means
	 * {@code etcd-lock.ttl}.
	 * @return the time to live
	 */
	String ttl() default "";

	/**
	 * When to lock at all, written like a key, such as
	 * <code>#{#order.total &gt; 100}</code>. If it is false the method runs without the
	 * lock. Empty means always.
	 * @return the condition
	 */
	String condition() default "";

	/**
	 * What to do when the lock could not be had in time.
	 * @return throw or skip
	 */
	OnBusy onBusy() default OnBusy.THROW;

	/**
	 * The name of a method of the same bean to call when the lock could not be had: same
	 * parameters, optionally followed by the exception. Never called once the method has
	 * begun.
	 * @return the method's name, or empty
	 */
	String fallback() default "";

	/**
	 * What to do when the lock is lost while the method runs.
	 * @return throw afterwards, or interrupt
	 */
	OnLoss onLoss() default OnLoss.THROW;

	/**
	 * How long to keep the key at least, counted from when the lock was taken, even if
	 * the method returns or fails sooner: so that clocks which differ do not make two
	 * instances run the same tick of a schedule. Empty means not at all.
	 * @return the minimum time
	 */
	String holdAtLeast() default "";

}
