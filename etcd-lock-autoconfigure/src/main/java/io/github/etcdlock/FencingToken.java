package io.github.etcdlock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@code long} or {@code Long} parameter of a {@link DistributedLock} method that
 * gets the {@linkplain LockHandle#fencingToken() fencing token} of the lock, whatever the
 * caller passes. A parameter of type {@link LockHandle} gets the lock itself without any
 * mark. Where the annotation's {@link DistributedLock#condition() condition} is false, or
 * its {@link DistributedLock#fallback() fallback} is called, there is no lock, and the
 * argument stays what the caller passed.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface FencingToken {

}
