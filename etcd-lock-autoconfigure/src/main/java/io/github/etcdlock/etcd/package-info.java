/** The engine: sessions, lines and waiting, on etcd's plain gRPC stubs. */
@NullMarked
package io.github.etcdlock.etcd;

import org.jspecify.annotations.NullMarked;
