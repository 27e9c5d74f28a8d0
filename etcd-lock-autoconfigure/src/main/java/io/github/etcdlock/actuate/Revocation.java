package io.github.etcdlock.actuate;

/**
 * What became of the wish to end a lock.
 *
 * @param key the lock's key
 * @param token the token of the holder that was meant
 * @param outcome released by force; asked, and it is up to the holder; or conflict, for
 * that holder does not hold it any more, so nothing was done; or unknown
 */
public record Revocation(String key, long token, Outcome outcome) {

	/** What became of it. */
	public enum Outcome {

		/** The lock was taken away. */
		RELEASED,

		/** The holder was asked to give it up. */
		ASKED,

		/** Somebody else holds it, or nobody. */
		CONFLICT,
		/** Etcd was told, and nobody heard what it did. */
		UNKNOWN

	}

}
