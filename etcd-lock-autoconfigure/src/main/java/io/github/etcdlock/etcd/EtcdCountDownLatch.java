package io.github.etcdlock.etcd;

import java.time.Duration;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.recipe.DistributedCountDownLatch;
import org.jspecify.annotations.Nullable;

/** A latch: a register that says how many are missing, of how many. */
final class EtcdCountDownLatch implements DistributedCountDownLatch {

	private static final ByteString COUNT = ByteString.copyFromUtf8("count");

	private final Register register;

	private final Waits waits;

	private final Sight sight;

	private final ByteString key;

	private final int count;

	private final String text;

	EtcdCountDownLatch(Engine engine, Commits commits, Waits waits, String name, int count) {
		this.text = "latch " + RecipeName.checked("latch", name);
		if (count < 1) {
			throw new IllegalArgumentException("A latch counts from one at least, but was to count from " + count);
		}
		ByteString prefix = engine.keys().recipe("latches", name);
		this.key = prefix.concat(COUNT);
		this.register = new Register(engine, commits, waits, this.key);
		this.waits = waits;
		this.sight = new Sight(engine, prefix);
		this.count = count;
	}

	@Override
	public void countDown() {
		this.register.change("count down the " + this.text, (stored) -> {
			int missing = missing(stored);
			return (missing > 0) ? missing - 1 + "/" + this.count : null;
		});
	}

	@Override
	public int count() {
		return missing(this.register.get("read the " + this.text));
	}

	@Override
	public void reset() {
		String full = this.count + "/" + this.count;
		this.register.change("reset the " + this.text, (stored) -> full.equals(stored) ? null : full);
	}

	@Override
	public boolean await(Duration wait) throws InterruptedException {
		Claims.checkWait(wait);
		return this.sight.await(this.waits, wait, "wait for the " + this.text, (entries) -> {
			KeyValue stored = entries.get(this.key);
			return (missing((stored != null) ? stored.getValue().toStringUtf8() : null) == 0) ? Boolean.TRUE : null;
		}).isPresent();
	}

	private int missing(@Nullable String stored) {
		if (stored == null) {
			return this.count;
		}
		String[] parts = stored.split("/");
		if (!parts[parts.length - 1].equals(Integer.toString(this.count))) {
			throw new IllegalStateException("The " + this.text + " counts from " + this.count + " here, but stands at "
					+ stored + " in etcd: use the same count everywhere, or reset it");
		}
		return Integer.parseInt(parts[0]);
	}

}
