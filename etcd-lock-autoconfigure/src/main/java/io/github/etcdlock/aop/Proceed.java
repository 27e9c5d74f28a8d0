package io.github.etcdlock.aop;

import org.jspecify.annotations.Nullable;

/** The rest of a call: the advisors further in, then the method. */
@FunctionalInterface
interface Proceed {

	@Nullable Object proceed() throws Throwable;

	/**
	 * The same once more, with other arguments, for work that may begin several times.
	 */
	default Proceed again(@Nullable Object[] arguments) {
		return this;
	}

}
