/** Tests of the endpoint. */
@NullMarked
package io.github.etcdlock.actuate;

import org.jspecify.annotations.NullMarked;
