package io.github.etcdlock.etcd;

import io.github.etcdlock.LockRequest;

/** The names of recipes, for which the rules of lock keys hold. */
final class RecipeName {

	private RecipeName() {
	}

	/**
	 * Checks a name.
	 * @param noun of what, for the message
	 * @return the name as messages show it
	 */
	static String checked(String noun, String name) {
		if (name == null || name.isBlank()) {
			throw new IllegalArgumentException("The name of a " + noun + " must not be null or blank");
		}
		return LockRequest.of(name).quotedKeys();
	}

}
