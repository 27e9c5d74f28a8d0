package io.github.etcdlock.etcd;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.google.protobuf.ByteString;
import io.grpc.Status;

/**
 * How keys are named, as a number that every session shows. Processes with different
 * layouts do not see each other's locks, so only those of one layout may share a prefix.
 *
 * @param version the number
 */
record Layout(int version) {

	/** To be raised by whoever changes where a lock's or a recipe's keys are. */
	static final Layout CURRENT = new Layout(1);

	private static final Pattern SHOWN = Pattern.compile("\\{\"layout\":(\\d{1,9}),.*", Pattern.DOTALL);

	/** Whether the owner of a session, as it shows itself, has our layout. */
	boolean fits(ByteString owner) {
		return of(owner) == this.version;
	}

	/** Sessions showed none before there was a second one. */
	private static int of(ByteString owner) {
		Matcher shown = SHOWN.matcher(owner.toStringUtf8());
		return shown.matches() ? Integer.parseInt(shown.group(1)) : 1;
	}

	EtcdFailure conflict(String keyPrefix, ByteString owner) {
		String problem = "the locks under " + keyPrefix
				+ " are in use by another version of etcd-lock, with key layout " + of(owner) + " instead of "
				+ this.version + ": " + owner.toStringUtf8()
				+ ". The two do not exclude each other: stop all processes of the one before the first of the other "
				+ "starts, or give them different key prefixes";
		return new EtcdFailure(Status.FAILED_PRECONDITION.withDescription(problem), false);
	}

}
