/** The actuator endpoint of locks. */
@NullMarked
package io.github.etcdlock.actuate;

import org.jspecify.annotations.NullMarked;
