package io.github.etcdlock.etcd;

import java.nio.charset.StandardCharsets;

import com.google.protobuf.ByteString;

/**
 * Where everything of ours lives in etcd. A name becomes one path segment, so that no two
 * names share a line; a leading dot is encoded, so that no lock reaches the segments of
 * other kinds.
 */
final class KeySpace {

	private static final char[] HEX = "0123456789ABCDEF".toCharArray();

	private final String prefix;

	KeySpace(String prefix) {
		this.prefix = prefix;
	}

	/** Every key of a line begins with this. */
	ByteString line(String name) {
		return ByteString.copyFromUtf8(this.prefix + "/" + encode(name) + "/");
	}

	/** What a session owns beside locks: its sentinel and what others ask of it. */
	ByteString session(long lease) {
		return ByteString.copyFromUtf8(this.prefix + "/.sessions/" + Long.toHexString(lease) + "/");
	}

	/** What of ours is no line: no encoded lock name begins with a dot. */
	ByteString own() {
		return ByteString.copyFromUtf8(this.prefix + "/.");
	}

	/** Marks a key name as ended, so that a late attempt cannot bring it back. */
	ByteString tombstone(String place) {
		return ByteString.copyFromUtf8(this.prefix + "/.ended/" + place);
	}

	/**
	 * The first key behind all that begin with the given one, as etcd's ranges have it.
	 */
	static ByteString end(ByteString prefix) {
		int last = prefix.size() - 1;
		return prefix.substring(0, last).concat(ByteString.copyFrom(new byte[] { (byte) (prefix.byteAt(last) + 1) }));
	}

	static String encode(String name) {
		byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
		StringBuilder encoded = new StringBuilder(bytes.length + 8);
		for (int i = 0; i < bytes.length; i++) {
			int b = bytes[i] & 0xff;
			if (plain(b) && !(i == 0 && b == '.')) {
				encoded.append((char) b);
			}
			else {
				encoded.append('%').append(HEX[b >> 4]).append(HEX[b & 0xf]);
			}
		}
		return encoded.toString();
	}

	private static boolean plain(int b) {
		return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' || b == '.'
				|| b == '_' || b == '~' || b == ':' || b == '@';
	}

}
