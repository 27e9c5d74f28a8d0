/**
 * Tells the application's event listeners what happens to locks.
 */
@NullMarked
package io.github.etcdlock.event;

import org.jspecify.annotations.NullMarked;
