package io.github.etcdlock.aop;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Which elections this instance has won. */
@FunctionalInterface
public interface Leaderships {

	/**
	 * The leadership, if this instance has it. Never waits for it.
	 * @param election the name of the election
	 * @return what tells whether it still has it, or empty while it does not lead
	 */
	Optional<BooleanSupplier> leadership(String election);

}
