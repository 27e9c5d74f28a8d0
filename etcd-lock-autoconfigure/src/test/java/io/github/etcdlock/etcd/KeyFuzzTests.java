package io.github.etcdlock.etcd;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** No name reaches another's keys, whatever is in it. */
class KeyFuzzTests {

	/** What a name might do harm with, and what might be taken for one of these. */
	private static final List<String> NASTY = List.of("/", "%", ".", "..", "%2F", "%2f", "%25", "%2E", "\0", "a", "A",
			"0", "-", "~", ":", "@", " ", "\n", "\u00e9", "e\u0301", "\ud83d\udd12", "\uffff", "\u007f", "*", "\\",
			"#{", ".sessions", ".queues", ".ended", "alive", "locks");

	private final KeySpace keys = new KeySpace("/locks");

	@ParameterizedTest
	@CsvSource({ "a,a", "a/b,a%2Fb", "a%2Fb,a%252Fb", ".queues,%2Equeues", "..,%2E.", "a.b,a.b", "\u00e9,%C3%A9",
			"e\u0301,e%CC%81", "-_~:@,-_~:@", "A b,A%20b", "*,%2A" })
	void nameIsOneSegment(String name, String segment) {
		assertThat(this.keys.line(name).toStringUtf8()).isEqualTo("/locks/" + segment + "/");
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3 })
	void encodingCanBeUndoneSoNoTwoNamesMeet(long seed) {
		Random random = new Random(seed);
		Map<String, String> names = new HashMap<>();
		for (int i = 0; i < 20_000; i++) {
			String name = name(random);
			String segment = KeySpace.encode(name);
			assertThat(segment).matches("[A-Za-z0-9_~:@%-][A-Za-z0-9._~:@%-]*");
			assertThat(decode(segment)).isEqualTo(name);
			assertThat(names.putIfAbsent(segment, name)).isIn(null, name);
		}
		assertThat(names).hasSizeGreaterThan(5_000);
	}

	@ParameterizedTest
	@ValueSource(longs = { 4, 5 })
	void noRangeOfOneReachesIntoAnother(long seed) {
		Random random = new Random(seed);
		SortedMap<ByteString, ByteString> ranges = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
		add(ranges, this.keys.sessions());
		add(ranges, this.keys.tombstone(""));
		for (int i = 0; i < 5_000; i++) {
			String name = name(random);
			add(ranges, this.keys.line(name));
			add(ranges, this.keys.recipe("queues", name));
			add(ranges, this.keys.recipe("elections", name));
		}
		ByteString end = ByteString.EMPTY;
		for (Map.Entry<ByteString, ByteString> range : ranges.entrySet()) {
			assertThat(compare(end, range.getKey())).as(range.getKey().toStringUtf8()).isLessThanOrEqualTo(0);
			end = range.getValue();
		}
		assertThat(ranges).hasSizeGreaterThan(5_000);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/other/a/1-1", "/locksmith/a/1-1", "/locks/.sessions/1/revoke/1-1", "/locks/.ended/1-1",
			"/locks/.transactions/1-1", "1-1" })
	void keyOfSomethingElseIsNoOwnershipKey(String key) {
		assertThat(this.keys.ownership(key)).isFalse();
	}

	private static void add(Map<ByteString, ByteString> ranges, ByteString prefix) {
		ranges.put(prefix, KeySpace.end(prefix));
	}

	private static int compare(ByteString one, ByteString other) {
		return ByteString.unsignedLexicographicalComparator().compare(one, other);
	}

	private static String name(Random random) {
		StringBuilder name = new StringBuilder();
		int parts = 1 + random.nextInt(5);
		for (int i = 0; i < parts; i++) {
			name.append((random.nextInt(4) == 0) ? Character.toString(1 + random.nextInt(0xD000))
					: NASTY.get(random.nextInt(NASTY.size())));
		}
		return name.toString();
	}

	/** As the encoding is described, written without a look at how it is done. */
	private static String decode(String segment) {
		byte[] bytes = new byte[segment.length()];
		int length = 0;
		for (int i = 0; i < segment.length(); i++) {
			char c = segment.charAt(i);
			bytes[length++] = (c == '%') ? (byte) Integer.parseInt(segment.substring(++i, ++i + 1), 16) : (byte) c;
		}
		return new String(bytes, 0, length, StandardCharsets.UTF_8);
	}

}
