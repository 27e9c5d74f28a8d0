package io.github.etcdlock.etcd;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class KeySpaceTests {

	private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:@";

	private final KeySpace keys = new KeySpace("/locks");

	@Test
	void everyByteThatIsNotPlainIsEncoded() {
		for (char c = 0; c < 128; c++) {
			String expected = (PLAIN.indexOf(c) >= 0) ? "x" + c : "x%%%02X".formatted((int) c);
			assertThat(KeySpace.encode("x" + c)).isEqualTo(expected);
		}
	}

	@ParameterizedTest
	@CsvSource({ ".a,%2Ea", "..,%2E.", "a.b,a.b", "ä,%C3%A4", "a/b,a%2Fb", "100%,100%25", "\uD83D\uDD12,%F0%9F%94%92" })
	void nameBecomesOneSegment(String name, String segment) {
		assertThat(KeySpace.encode(name)).isEqualTo(segment);
	}

	@Test
	void everyKindHasASegmentOfItsOwn() {
		assertThat(text(this.keys.line(".queues"))).isEqualTo("/locks/%2Equeues/");
		assertThat(text(this.keys.recipe("queues", "a/b"))).isEqualTo("/locks/.queues/a%2Fb/");
		assertThat(text(this.keys.session(0x2aL))).isEqualTo("/locks/.sessions/2a/");
		assertThat(text(this.keys.sessions())).isEqualTo("/locks/.sessions/");
		assertThat(text(this.keys.tombstone("2a-1"))).isEqualTo("/locks/.ended/2a-1");
		assertThat(text(this.keys.marker("2a-1"))).isEqualTo("/locks/.transactions/2a-1");
		assertThat(text(this.keys.lane(0x2aL, 3))).isEqualTo("/locks/.lanes/2a/3");
		assertThat(text(this.keys.kind("queues"))).isEqualTo("/locks/.queues/");
		assertThat(text(this.keys.otherKinds())).isEqualTo("/locks/.");
		assertThat(text(this.keys.all())).isEqualTo("/locks/");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "a/b", ".a", "ä%41\uD83D\uDD12", "$1\\" })
	void nameIsReadFromTheKeysOfItsLine(String name) {
		assertThat(this.keys.name(this.keys.line(name).concat(ByteString.copyFromUtf8("2a-1")))).isEqualTo(name);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/locks/.sessions/2a/sentinel", "/locks/.ended/2a-1", "/locks/a", "/locks//2a-1" })
	void otherKeysAreInNoLine(String key) {
		assertThat(this.keys.name(ByteString.copyFromUtf8(key))).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "/locks/a/2a-1,true", "/locks/.semaphores/a/2a-1,true", "/locksmith/a/2a-1,false",
			"/locks/.sessions/2a/sentinel,false", "/locks/.ended/2a-1,false", "/locks/.transactions/2a-1,false",
			"/locks/.lanes/2a/3,false" })
	void holdersHaveKeysInLinesAndInRecipes(String key, boolean holders) {
		assertThat(this.keys.ownership(key)).isEqualTo(holders);
	}

	@Test
	void everyKeyBelowThePrefixIsOurs() {
		assertThat(this.keys.covers(this.keys.line("a"))).isTrue();
		assertThat(this.keys.covers(this.keys.tombstone("2a-1"))).isTrue();
		assertThat(this.keys.covers(ByteString.copyFromUtf8("/locksmith/a"))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4 })
	void rangeHoldsWhatBeginsWithItsPrefixAndNothingElse(long seed) {
		Random random = new Random(seed);
		Set<String> names = new TreeSet<>();
		for (int i = 0; i < 60; i++) {
			names.add(name(random));
		}
		for (String name : names) {
			ByteString begin = this.keys.line(name);
			ByteString end = KeySpace.end(begin);
			for (String other : names) {
				ByteString key = this.keys.line(other).concat(ByteString.copyFromUtf8("2a-1"));
				boolean inside = compare(key, begin) >= 0 && compare(key, end) < 0;
				assertThat(inside).as("\"%s\" in the line of \"%s\"", other, name).isEqualTo(other.equals(name));
			}
		}
	}

	@Test
	void endIsTheFirstKeyBehindThePrefix() {
		assertThat(text(KeySpace.end(ByteString.copyFromUtf8("/locks/a/")))).isEqualTo("/locks/a0");
	}

	private static String name(Random random) {
		StringBuilder name = new StringBuilder();
		String letters = "ab/.%0-\u00e4";
		for (int i = random.nextInt(4); i >= 0; i--) {
			name.append(letters.charAt(random.nextInt(letters.length())));
		}
		return name.toString();
	}

	private static int compare(ByteString left, ByteString right) {
		return ByteString.unsignedLexicographicalComparator().compare(left, right);
	}

	private static String text(ByteString key) {
		return key.toStringUtf8();
	}

}
