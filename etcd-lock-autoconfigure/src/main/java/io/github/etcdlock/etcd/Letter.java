package io.github.etcdlock.etcd;

import com.google.protobuf.ByteString;

/**
 * What is written about a dead letter.
 *
 * @param deliveries how often it was delivered
 * @param name its name among the items
 * @param reason why it is not delivered any more
 */
record Letter(int deliveries, ByteString name, String reason) {

	/** Enough to understand, and no danger for the request. */
	private static final int LONGEST_REASON = 1000;

	static ByteString stored(int deliveries, ByteString name, String reason) {
		String text = (reason.length() > LONGEST_REASON) ? reason.substring(0, LONGEST_REASON) + "..." : reason;
		return ByteString.copyFromUtf8(deliveries + " " + name.toStringUtf8() + " " + text);
	}

	static Letter parse(ByteString stored) {
		String[] parts = stored.toStringUtf8().split(" ", 3);
		return new Letter(Integer.parseInt(parts[0]), ByteString.copyFromUtf8(parts[1]), parts[2]);
	}

}
