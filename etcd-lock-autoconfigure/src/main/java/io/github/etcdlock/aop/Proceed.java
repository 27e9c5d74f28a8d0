package io.github.etcdlock.aop;

import org.jspecify.annotations.Nullable;

/** The rest of a call: the advisors further in, then the method. */
@FunctionalInterface
interface Proceed {

	@Nullable Object proceed() throws Throwable;

}
