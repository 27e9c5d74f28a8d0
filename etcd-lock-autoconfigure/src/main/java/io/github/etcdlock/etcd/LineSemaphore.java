package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DistributedSemaphore;

/** A semaphore: a line in which as many stand in front as have permits together. */
final class LineSemaphore implements DistributedSemaphore {

	private static final String WHY = "others hold the permits, or wait for them";

	private final Engine engine;

	private final Claims claims;

	private final Waits waits;

	private final Claim one;

	private final SemaphoreSize size;

	LineSemaphore(Engine engine, Claims claims, Waits waits, String name, int permits) {
		if (permits < 1) {
			throw new IllegalArgumentException("A semaphore has one permit at least, but was to have " + permits);
		}
		this.engine = engine;
		this.claims = claims;
		this.waits = waits;
		this.size = new SemaphoreSize("semaphore " + RecipeName.checked("semaphore", name), permits, claims::news);
		this.one = Claim.of(Claim.Kind.SEMAPHORE, name, new Permits(1, this.size));
	}

	@Override
	public int permits() {
		return this.size.permits();
	}

	@Override
	public LockHandle acquire() throws InterruptedException {
		return acquire(1, this.claims.defaultWait());
	}

	@Override
	public LockHandle acquire(int permits, Duration wait) throws InterruptedException {
		return this.claims.acquire(claim(permits), wait, WHY);
	}

	@Override
	public Optional<LockHandle> tryAcquire() throws InterruptedException {
		return tryAcquire(1, Duration.ZERO);
	}

	@Override
	public Optional<LockHandle> tryAcquire(int permits, Duration wait) throws InterruptedException {
		return this.claims.tryAcquire(claim(permits), wait);
	}

	private Claim claim(int permits) {
		if (permits < 1 || permits > this.size.permits()) {
			throw new IllegalArgumentException("The " + this.one.text() + " has " + this.size.permits()
					+ " permits: between one and all of them can be acquired, but not " + permits);
		}
		return (permits == 1) ? this.one
				: Claim.of(Claim.Kind.SEMAPHORE, this.one.request().keys().get(0), new Permits(permits, this.size));
	}

	@Override
	public int available() {
		ByteString line = this.one.lines(this.engine.keys()).get(0);
		RangeRequest request = RangeRequest.newBuilder()
			.setKey(line)
			.setRangeEnd(KeySpace.end(line))
			.setSortTarget(RangeRequest.SortTarget.CREATE)
			.setSortOrder(RangeRequest.SortOrder.ASCEND)
			.build();
		return available(
				this.waits.answer("count the free permits of the " + this.one.text(), this.engine.read(request))
					.getKvsList());
	}

	/** What those in front leave over, up to the first who waits. */
	private int available(List<KeyValue> line) {
		long size = this.size.permits();
		long taken = 0;
		for (KeyValue key : line) {
			SemaphoreSize.Taken next = this.size.read(key.getValue());
			size = Math.min(size, next.size());
			if (taken + next.permits() > size) {
				break;
			}
			taken += next.permits();
		}
		return (int) Math.max(0, size - taken);
	}

}
