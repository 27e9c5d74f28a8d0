package io.github.etcdlock.etcd;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Where everything of ours lives in etcd. A name becomes one path segment, so that no two
 * names share a line; a leading dot is encoded, so that no lock reaches the segments of
 * other kinds.
 */
final class KeySpace {

	private static final char[] HEX = "0123456789ABCDEF".toCharArray();

	private static final Pattern ENCODED = Pattern.compile("(?:%[0-9A-F]{2})+");

	/** What has no holder, though its names may look like those of holders. */
	private static final List<String> NO_HOLDERS = List.of("/.sessions/", "/.ended/", "/.transactions/", "/.lanes/");

	private final String prefix;

	private final Layout layout;

	private final ByteString root;

	KeySpace(String prefix) {
		this(prefix, Layout.CURRENT);
	}

	KeySpace(String prefix, Layout layout) {
		this.prefix = prefix;
		this.layout = layout;
		this.root = ByteString.copyFromUtf8(prefix + "/");
	}

	/** How it names keys. */
	Layout layout() {
		return this.layout;
	}

	/** Every key of a line begins with this. */
	ByteString line(String name) {
		return ByteString.copyFromUtf8(this.prefix + "/" + encode(name) + "/");
	}

	/** Everything of ours begins with this. */
	ByteString all() {
		return this.root;
	}

	/** Everything of ours that is no lock begins with this. */
	ByteString otherKinds() {
		return ByteString.copyFromUtf8(this.prefix + "/.");
	}

	/** The name of the lock in whose line a key stands, or null if it is in none. */
	@Nullable String name(ByteString key) {
		String text = key.toStringUtf8().substring(this.prefix.length() + 1);
		int end = text.indexOf('/');
		return (end > 0 && !text.startsWith(".")) ? decode(text.substring(0, end)) : null;
	}

	/** What all sessions own beside locks. */
	ByteString sessions() {
		return kind("sessions");
	}

	/** What a session owns beside locks: its sentinel and what others ask of it. */
	ByteString session(long lease) {
		return ByteString.copyFromUtf8(this.prefix + "/.sessions/" + Long.toHexString(lease) + "/");
	}

	/** Everything of one kind of recipe begins with this. */
	ByteString kind(String kind) {
		return ByteString.copyFromUtf8(this.prefix + "/." + kind + "/");
	}

	/** Whether a key may be one that a holder has: in a line, or in a recipe's. */
	boolean ownership(String key) {
		return key.startsWith(this.prefix + "/")
				&& NO_HOLDERS.stream().noneMatch((kind) -> key.startsWith(this.prefix + kind));
	}

	/**
	 * Everything of one recipe begins with this.
	 * @param kind the recipe's kind, in the plural: "queues"
	 */
	ByteString recipe(String kind, String name) {
		return ByteString.copyFromUtf8(this.prefix + "/." + kind + "/" + encode(name) + "/");
	}

	/** Tells what became of a transaction on keys that are not ours. */
	ByteString marker(String place) {
		return ByteString.copyFromUtf8(this.prefix + "/.transactions/" + place);
	}

	/** Whether a key is one of ours, lines included. */
	boolean covers(ByteString key) {
		return key.startsWith(this.root);
	}

	/** Marks a key name as ended, so that a late attempt cannot bring it back. */
	ByteString tombstone(String place) {
		return ByteString.copyFromUtf8(this.prefix + "/.ended/" + place);
	}

	/** Counts the transactions of one lane of a session. */
	ByteString lane(long lease, int lane) {
		return ByteString.copyFromUtf8(this.prefix + "/.lanes/" + Long.toHexString(lease) + "/" + lane);
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

	/** What {@link #encode} was given; what it cannot have made stands for itself. */
	static String decode(String segment) {
		Matcher encoded = ENCODED.matcher(segment);
		return encoded.replaceAll((run) -> Matcher.quoteReplacement(
				new String(HexFormat.of().parseHex(run.group().replace("%", "")), StandardCharsets.UTF_8)));
	}

	private static boolean plain(int b) {
		return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' || b == '.'
				|| b == '_' || b == '~' || b == ':' || b == '@';
	}

}
