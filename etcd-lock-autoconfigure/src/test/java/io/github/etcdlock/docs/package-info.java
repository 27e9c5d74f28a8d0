/** What the guides in the folder {@code docs} show, compiled and run. */
@NullMarked
package io.github.etcdlock.docs;

import org.jspecify.annotations.NullMarked;
