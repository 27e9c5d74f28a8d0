package io.github.etcdlock.etcd;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.github.etcdlock.recipe.DistributedCounter;
import org.jspecify.annotations.Nullable;

/** A counter: a register that holds a number. */
final class EtcdCounter implements DistributedCounter {

	private final Register register;

	private final Waits waits;

	private final String text;

	EtcdCounter(Register register, Waits waits, String name) {
		this.register = register;
		this.waits = waits;
		this.text = "counter " + RecipeName.checked("counter", name);
	}

	@Override
	public long get() {
		return number(this.register.get("read the " + this.text));
	}

	@Override
	public long addAndGet(long delta) {
		return number(this.register.change("add " + delta + " to the " + this.text,
				(before) -> Long.toString(Math.addExact(number(before), delta))));
	}

	@Override
	public boolean compareAndSet(long expected, long update) {
		return this.register.change("set the " + this.text,
				(before) -> (number(before) == expected) ? Long.toString(update) : null) != null;
	}

	@Override
	public LongSupplier ids(int block) {
		if (block < 1) {
			throw new IllegalArgumentException("A block has one id at least, but was to have " + block);
		}
		return new Ids(block);
	}

	private long number(@Nullable String stored) {
		try {
			return (stored != null) ? Long.parseLong(stored) : 0;
		}
		catch (NumberFormatException ex) {
			throw new IllegalStateException(
					"The " + this.text + " is not a number in etcd: another program has written " + this.register.key()
							+ ". Delete that key, or use another name",
					ex);
		}
	}

	/** Hands out blocks, each of which was added to the counter at once. */
	private final class Ids implements LongSupplier {

		private final int block;

		private final ReentrantLock turn = new ReentrantLock();

		private long next = 1;

		private long last;

		Ids(int block) {
			this.block = block;
		}

		@Override
		public long getAsLong() {
			return EtcdCounter.this.waits.alone(this.turn, "take an id of the " + EtcdCounter.this.text, this::id);
		}

		private long id() {
			if (this.next > this.last) {
				this.last = addAndGet(this.block);
				this.next = this.last - this.block + 1;
			}
			return this.next++;
		}

	}

}
