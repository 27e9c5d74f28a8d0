/** The locks as other libraries ask for them: Spring Integration, ShedLock. */
@NullMarked
package io.github.etcdlock.integration;

import org.jspecify.annotations.NullMarked;
