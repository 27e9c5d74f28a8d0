package io.github.etcdlock.actuate;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One lock: who holds it and who waits.
 *
 * @param key the lock's key
 * @param line the places in its line, in order
 */
public record LockLine(String key, List<Place> line) {

	/**
	 * One place in the line.
	 *
	 * @param position its place in line, from 0
	 * @param held whether it holds the lock
	 * @param mode exclusive or shared
	 * @param token the fencing token
	 * @param ownershipKey the etcd key
	 * @param revision its create revision
	 * @param lease the lease it hangs on
	 * @param ttlLeft the seconds that the lease has left unless it is renewed, or null
	 * @param owner the process, or null if it does not say
	 * @param thread the thread that asked for it, if it is one of the instance that was
	 * asked: others do not say
	 * @param millis for how long that has held it or waited, in milliseconds
	 */
	public record Place(int position, boolean held, String mode, long token, String ownershipKey, long revision,
			String lease, @Nullable Long ttlLeft, @Nullable Owner owner, @Nullable String thread,
			@Nullable Long millis) {

		private static final long TOKENS_OF_A_TURN = 4096;

		/**
		 * Whether this is the holder with a token: threads that follow each other in one
		 * turn of their process have the next ones.
		 */
		boolean holds(long token) {
			return token / TOKENS_OF_A_TURN == this.revision;
		}

		boolean shared() {
			return this.mode.equals("shared");
		}

		/** The process as a node of the wait-for graph. */
		String process() {
			return (this.owner != null) ? this.owner.application() + "@" + this.owner.host() + ":" + this.owner.pid()
					: "lease " + this.lease;
		}

	}

	/**
	 * A process.
	 *
	 * @param application its application
	 * @param host the host it runs on
	 * @param pid its process id there
	 * @param start when it began
	 */
	public record Owner(String application, String host, long pid, String start) {

	}

}
