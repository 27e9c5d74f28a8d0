/** Meters and observations of locks, on Micrometer; no tag holds a key. */
@NullMarked
package io.github.etcdlock.metrics;

import org.jspecify.annotations.NullMarked;
