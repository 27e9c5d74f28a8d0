package io.github.etcdlock.etcd;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class CensusNamesTests {

	private final KeySpace keys = new KeySpace("/locks");

	@ParameterizedTest
	@ValueSource(strings = { "a", "a/b", "order:4711", ".hidden", "50%", "%41", "tür ✓ 🔒", "a b\n" })
	void nameIsReadBackFromTheKeysOfItsLine(String name) {
		assertThat(this.keys.name(this.keys.line(name).concat(ByteString.copyFromUtf8("1f-2")))).isEqualTo(name);
	}

	@Test
	void otherKindsAreNoLocks() {
		assertThat(this.keys.name(this.keys.session(7).concat(ByteString.copyFromUtf8("alive")))).isNull();
		assertThat(this.keys.name(this.keys.recipe("queues", "a").concat(ByteString.copyFromUtf8("1")))).isNull();
		assertThat(this.keys.name(ByteString.copyFromUtf8("/locks/flat"))).isNull();
	}

	@Test
	void ownerIsReadBackFromItsSession() {
		LockOwner owner = LockOwner.parse(Owner.value("sh\"o\\p\n$1", Layout.CURRENT).toStringUtf8()).orElseThrow();
		assertThat(owner.application()).isEqualTo("sh\"o\\p\n$1");
		assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
		assertThat(owner.host()).isNotEmpty();
		assertThat(LockOwner.parse("something else")).isEmpty();
	}

}
