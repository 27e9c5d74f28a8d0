/** Tests of guarded writes, on a real etcd and real databases. */
@NullMarked
package io.github.etcdlock.guard;

import org.jspecify.annotations.NullMarked;
