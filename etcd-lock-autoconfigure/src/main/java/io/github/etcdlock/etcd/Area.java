package io.github.etcdlock.etcd;

import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of what is in etcd under a prefix: as much of it as was asked for, and
 * what was seen to come since. Lives on the loop.
 */
final class Area {

	private final ByteString prefix;

	/** Whether the oldest come first, not those with the smallest key. */
	private final boolean byAge;

	private final boolean values;

	private final NavigableMap<ByteString, Item> items = new TreeMap<>(ByteString.unsignedLexicographicalComparator());

	/** How many to read; 0 for all. */
	private int limit;

	/** Whether everything is here. */
	private boolean complete;

	/** If not: what comes from this key on was not read. */
	private ByteString unknownFrom = ByteString.EMPTY;

	private Area(ByteString prefix, boolean byAge, boolean values, int limit) {
		this.prefix = prefix;
		this.byAge = byAge;
		this.values = values;
		this.limit = limit;
	}

	/** The oldest keys, without values. */
	static Area oldest(ByteString prefix, int limit) {
		return new Area(prefix, true, false, limit);
	}

	/** The smallest keys, without values. */
	static Area first(ByteString prefix, int limit) {
		return new Area(prefix, false, false, limit);
	}

	/** The smallest keys with their values; all of them if the limit is 0. */
	static Area withValues(ByteString prefix, int limit) {
		return new Area(prefix, false, true, limit);
	}

	boolean has(ByteString key) {
		return key.startsWith(this.prefix);
	}

	/** What is left of a key without the prefix. */
	ByteString name(ByteString key) {
		return key.substring(this.prefix.size());
	}

	ByteString key(ByteString name) {
		return this.prefix.concat(name);
	}

	boolean complete() {
		return this.complete;
	}

	Collection<Item> items() {
		return this.items.values();
	}

	@Nullable Item get(ByteString key) {
		return this.items.get(key);
	}

	int limit() {
		return this.limit;
	}

	/** What was read was not enough. */
	void readMore() {
		this.limit *= 2;
	}

	RangeRequest request() {
		RangeRequest.Builder request = RangeRequest.newBuilder()
			.setKey(this.prefix)
			.setRangeEnd(KeySpace.end(this.prefix))
			.setKeysOnly(!this.values)
			.setLimit(this.limit);
		if (this.byAge) {
			request.setSortTarget(RangeRequest.SortTarget.CREATE).setSortOrder(RangeRequest.SortOrder.ASCEND);
		}
		return request.build();
	}

	void read(RangeResponse response) {
		this.items.clear();
		response.getKvsList().forEach((entry) -> this.items.put(entry.getKey(), item(entry)));
		this.complete = !response.getMore();
		if (!this.complete) {
			this.unknownFrom = this.items.lastKey().concat(ByteString.copyFrom(new byte[1]));
		}
	}

	private Item item(KeyValue entry) {
		return this.byAge ? Item.byAge(entry) : Item.ranked(entry);
	}

	/** Takes it over, unless it belongs behind what was not read. */
	@Nullable Item put(KeyValue entry) {
		boolean known = this.complete || this.items.containsKey(entry.getKey())
				|| (!this.byAge && before(entry.getKey(), this.unknownFrom));
		if (!known) {
			return null;
		}
		Item item = item(this.values ? entry : entry.toBuilder().clearValue().build());
		this.items.put(item.key(), item);
		return item;
	}

	@Nullable Item remove(ByteString key) {
		return this.items.remove(key);
	}

	/** Forgets it, as one of too many. */
	void drop(Item item) {
		this.items.remove(item.key());
		if (this.complete || before(item.key(), this.unknownFrom)) {
			this.unknownFrom = item.key();
		}
		this.complete = false;
	}

	private static boolean before(ByteString key, ByteString other) {
		return ByteString.unsignedLexicographicalComparator().compare(key, other) < 0;
	}

}
