package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.chaos.Event.Kind;

/**
 * One thread of a worker: takes locks, uses the resource, and tells the history of it.
 */
final class Client {

	private static final Duration WAIT = Duration.ofSeconds(15);

	private static final Duration GLANCE = Duration.ofMillis(20);

	private static final Duration AFTER_FAILURE = Duration.ofMillis(100);

	private final Locks locks;

	private final Supplier<Locks> others;

	private final GuardLink guard;

	private final Random random;

	private final CountDownLatch stop;

	Client(Locks locks, Supplier<Locks> others, GuardLink guard, Random random, CountDownLatch stop) {
		this.locks = locks;
		this.others = others;
		this.guard = guard;
		this.random = random;
		this.stop = stop;
	}

	Random random() {
		return this.random;
	}

	void rest(Duration time) throws InterruptedException {
		this.stop.await(time.toNanos(), TimeUnit.NANOSECONDS);
	}

	/** Takes a lock, uses the resource for so long, and releases it. */
	void turn(String key, Duration time) throws InterruptedException {
		turn(LockRequest.of(key), time);
	}

	/** Takes several locks together, or shares one. */
	void turn(LockRequest request, Duration time) throws InterruptedException {
		Optional<Hold> lock = acquire(this.locks, request);
		if (lock.isPresent()) {
			use(request.keys(), lock.get(), time);
			release(request.keys(), lock.get(), lock.get()::close);
		}
	}

	/** Takes a lock with locks of its own, and closes all of them instead of the one. */
	void turnThatShutdownEnds(String key, Duration time) throws InterruptedException {
		Locks own = this.others.get();
		try {
			Optional<Hold> lock = acquire(own, LockRequest.of(key));
			if (lock.isPresent()) {
				use(List.of(key), lock.get(), time);
				release(List.of(key), lock.get(), own::close);
			}
		}
		finally {
			own.close();
		}
	}

	private Optional<Hold> acquire(Locks from, LockRequest request) throws InterruptedException {
		List<String> keys = request.keys();
		keys.forEach((key) -> this.guard.tell(Kind.ASKED, key));
		try {
			Optional<Hold> lock = from.acquire(request.waitingUpTo(WAIT));
			lock.ifPresentOrElse((hold) -> tell(Kind.ACQUIRED, keys, hold),
					() -> keys.forEach((key) -> this.guard.tell(Kind.GAVE_UP, key)));
			return lock;
		}
		catch (LockUnavailableException ex) {
			keys.forEach((key) -> this.guard.tell(Kind.FAILED, key));
			rest(AFTER_FAILURE);
			return Optional.empty();
		}
	}

	/** Does not stop when the lock is lost: the guard has to. */
	private void use(List<String> keys, Hold lock, Duration time) throws InterruptedException {
		lock.onLost(() -> tell(Kind.LOST, keys, lock));
		long end = System.nanoTime() + time.toNanos();
		boolean accepted = true;
		long left;
		do {
			for (String key : keys) {
				accepted &= this.guard.call(key, lock);
				this.guard.tell(Kind.SEEN, key, lock);
			}
			left = end - System.nanoTime();
			rest(Duration.ofNanos(Math.max(0, Math.min(left, GLANCE.toNanos()))));
		}
		while (accepted && left > 0 && this.stop.getCount() > 0);
	}

	private void release(List<String> keys, Hold lock, Runnable end) {
		tell(Kind.RELEASING, keys, lock);
		end.run();
		tell(Kind.RELEASED, keys, lock);
	}

	private void tell(Kind kind, List<String> keys, Hold lock) {
		keys.forEach((key) -> this.guard.tell(kind, key, lock));
	}

}
