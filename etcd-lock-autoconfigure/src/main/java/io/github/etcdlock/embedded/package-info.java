/**
 * A real etcd process for development and tests, started and ended by the application.
 */
@NullMarked
package io.github.etcdlock.embedded;

import org.jspecify.annotations.NullMarked;
