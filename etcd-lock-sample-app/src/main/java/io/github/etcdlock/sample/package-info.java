/** A shop that runs the same flash sale without and with a distributed lock. */
@NullMarked
package io.github.etcdlock.sample;

import org.jspecify.annotations.NullMarked;
