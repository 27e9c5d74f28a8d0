/**
 * Writes that only a live holder can make, whatever became of the lock since its holder
 * looked: to etcd in one transaction with a comparison of the lock's own keys, to a
 * database beside the highest fencing token it has seen.
 */
@NullMarked
package io.github.etcdlock.guard;

import org.jspecify.annotations.NullMarked;
