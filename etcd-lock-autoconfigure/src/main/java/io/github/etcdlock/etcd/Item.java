package io.github.etcdlock.etcd;

import java.util.Comparator;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;

/**
 * A key of a queue, as this process has last seen it.
 *
 * @param stored the key; its value only where that was asked for
 * @param rank what is in order before age is: the part of the key before its last
 * segment, or nothing
 */
record Item(KeyValue stored, ByteString rank) {

	private static final Comparator<ByteString> BYTES = ByteString.unsignedLexicographicalComparator();

	/** First come, first served within a rank. */
	static final Comparator<Item> ORDER = Comparator.comparing(Item::rank, BYTES)
		.thenComparingLong((item) -> item.stored().getCreateRevision())
		.thenComparing(Item::key, BYTES);

	/** By age alone. */
	static Item byAge(KeyValue stored) {
		return new Item(stored, ByteString.EMPTY);
	}

	/** By the segments of the key, and by age within the last but one. */
	static Item ranked(KeyValue stored) {
		ByteString key = stored.getKey();
		int end = key.size();
		while (end > 0 && key.byteAt(end - 1) != '/') {
			end--;
		}
		return new Item(stored, key.substring(0, end));
	}

	ByteString key() {
		return this.stored.getKey();
	}

	/** Whether it is still as it was seen. */
	Compare unchanged() {
		return Compare.newBuilder()
			.setKey(key())
			.setTarget(Compare.CompareTarget.MOD)
			.setResult(Compare.CompareResult.EQUAL)
			.setModRevision(this.stored.getModRevision())
			.build();
	}

	boolean sameAs(Item other) {
		return this.stored.getModRevision() == other.stored().getModRevision();
	}

}
