package io.github.etcdlock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a method only where this instance of the application is the leader; elsewhere a
 * call does nothing and returns null, or an empty {@code Optional}. An instance that has
 * such a method stands in the election from its start until its shutdown, which waits for
 * running calls up to {@code etcd-lock.shutdown-timeout}, and again after each loss. The
 * call never waits to become the leader. If the leadership is lost while the method runs,
 * the call ends with a {@link LockLostException}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface LeaderOnly {

	/**
	 * The name of the election, with placeholders ({@code ${...}}). Methods with the same
	 * name run on the same instance.
	 * @return the name
	 */
	String value();

}
