package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.UnreadableValueException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The items of a queue as its users see them, in whatever order they are.
 *
 * @param items the items
 * @param waits how callers wait
 * @param values their values
 */
record TypedItems<T>(ItemQueue items, Waits waits, StoredValues<T> values) {

	private static final Logger logger = LoggerFactory.getLogger(TypedItems.class);

	/** How many a drain asks for at a time. */
	private static final int MOST = 64;

	void put(Map<ByteString, ByteString> all) {
		long bytes = all.values().stream().mapToLong(ByteString::size).sum();
		this.values.offered(this.waits, all.size(), bytes, () -> this.items.offer(all));
	}

	Optional<T> poll() {
		return first(this.items.take(1, this.waits));
	}

	Optional<T> poll(Duration wait) throws InterruptedException {
		return first(this.items.take(wait, this.waits));
	}

	private Optional<T> first(List<ItemQueue.Taken> taken) {
		return taken.stream().findFirst().map((item) -> this.values.read(item.value()));
	}

	List<T> drain(int most) {
		if (most < 1) {
			throw new IllegalArgumentException(
					"A drain of the " + this.items.text() + " takes 1 value at least, but was to take " + most);
		}
		return readable(taken(most));
	}

	/** What was taken before etcd failed is not to be lost. */
	private List<ItemQueue.Taken> taken(int most) {
		List<ItemQueue.Taken> all = new ArrayList<>();
		try {
			List<ItemQueue.Taken> some;
			do {
				some = this.items.take(Math.min(MOST, most - all.size()), this.waits);
				all.addAll(some);
			}
			while (!some.isEmpty() && all.size() < most);
		}
		catch (LockUnavailableException | IllegalStateException ex) {
			if (all.isEmpty()) {
				throw ex;
			}
			logger.debug("A drain ends after {} values", all.size(), ex);
		}
		return all;
	}

	/** One that cannot be read does not take the others along. */
	private List<T> readable(List<ItemQueue.Taken> taken) {
		List<T> readable = new ArrayList<>();
		UnreadableValueException unreadable = null;
		for (ItemQueue.Taken item : taken) {
			try {
				readable.add(this.values.read(item.value()));
			}
			catch (UnreadableValueException ex) {
				logger.warn("{} was taken, and cannot be read", item.key().toStringUtf8(), ex);
				unreadable = ex;
			}
		}
		if (unreadable != null && readable.isEmpty()) {
			throw unreadable;
		}
		return readable;
	}

	Optional<T> peek() {
		return this.waits.answer("read the " + this.items.text(), this.items.first())
			.getKvsList()
			.stream()
			.findFirst()
			.map(KeyValue::getValue)
			.map(this.values::read);
	}

	long size() {
		return this.waits.answer("count the " + this.items.text(), this.items.count()).getCount();
	}

}
