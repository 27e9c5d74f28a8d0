package io.github.etcdlock.sample;

import java.time.Duration;

/** One sentence for each thing that happens to a sale. */
final class Explanations {

	private Explanations() {
	}

	static String paused(String worker, String buyer) {
		return "Instance " + worker + " stops (SIGSTOP) while it serves " + buyer
				+ ": it has seen that there is stock, and has not yet written.";
	}

	static String frozen(String worker, String buyer) {
		return "The link of instance " + worker + " to etcd lets nothing through while it serves " + buyer
				+ ": it runs, but can renew nothing.";
	}

	static String died(String worker, Mode mode) {
		return "Instance " + worker + " dies without a word: its transaction is rolled back, "
				+ ((mode == Mode.NONE) ? "and nobody waits for it." : "and its lock stays until its TTL is over.");
	}

	static String handedOver(String worker, Mode mode, long millis, Duration ttl) {
		if (millis < ttl.toMillis() / 2) {
			return "Others are served at once, for nothing that " + worker + " holds keeps them waiting.";
		}
		String later = Math.round(millis / 100.0) / 10.0 + " s later ";
		return (mode == Mode.NAIVE)
				? later + "the key of " + worker + " has expired, and whoever looked first has put its own."
				: later + "no renewal has come, and etcd has given the lock of " + worker + " to the next in line.";
	}

	static String alone(String worker) {
		return "No other instance takes part in this sale, so nobody can take over from " + worker
				+ ": choose two instances or more.";
	}

	static String tooLate(String worker) {
		return "All was sold before " + worker + " came to serve another buyer: nothing was broken. "
				+ "Strike sooner, or with more stock.";
	}

	static String turnedAway(String worker, Mode mode) {
		return "Others who wait at " + worker + " are turned away: "
				+ (mode.isReal() ? "their place in line has gone with the session of their instance."
						: "etcd did not answer them in time.");
	}

	static String ended(String worker, Mode mode, Outcome outcome) {
		return switch (outcome) {
			case SOLD -> (mode == Mode.NONE || mode == Mode.NAIVE)
					? "Instance " + worker
							+ " goes on as if nothing had happened, and writes the stock it read before: "
							+ "what others have sold meanwhile is not counted."
					: "Instance " + worker + " goes on and sells under its lock.";
			case REFUSED -> "Instance " + worker + " wants to write late; the fence refuses its old token, for a later "
					+ "one has written, and its transaction is rolled back.";
			case LOST -> "Instance " + worker + " learns from LockLostException that it has lost the lock"
					+ ((mode == Mode.FENCE) ? ", before a later holder has written."
							: "; what it had written was too late, and only a fence would have kept it out.");
			default -> "Instance " + worker + " could not serve its buyer.";
		};
	}

	static String leaderKilled(String endpoint) {
		return "The leader of etcd (" + endpoint
				+ ") is killed: nothing can be written until the others have elected a " + "new one.";
	}

	static String leaderElected(long millis) {
		return "etcd has a new leader after " + Math.round(millis / 100.0) / 10.0
				+ " s: locks are held as before, and the sale goes on; whom etcd did not answer in time was turned away.";
	}

}
