/**
 * The aspect behind {@link io.github.etcdlock.DistributedLock}: an annotation becomes an
 * immutable record once per method, mistakes in it stop the start-up, and a short
 * interceptor runs the method under the lock.
 */
@NullMarked
package io.github.etcdlock.aop;

import org.jspecify.annotations.NullMarked;
