package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.chaos.EngineLocks.EngineHold;
import io.github.etcdlock.chaos.Event.Kind;
import org.jspecify.annotations.Nullable;

/**
 * One thread of a worker: takes locks, uses the resource, and tells the history of it.
 */
final class Client {

	private static final Duration WAIT = Duration.ofSeconds(15);

	private static final Duration GLANCE = Duration.ofMillis(20);

	/** Longer than a loss may stay unreported. */
	private static final Duration AFTER_REFUSAL = Duration.ofMillis(1500);

	private static final int LONGEST_DELAY_MILLIS = 400;

	private static final Duration AFTER_FAILURE = Duration.ofMillis(100);

	/**
	 * A factor on all rests. With 1 the workloads take two cores for themselves, and what
	 * has to happen within a second may not for want of them.
	 */
	static final String REST = "chaos.rest";

	private static final int USUAL_REST = 10;

	private final Locks locks;

	private final Supplier<Locks> others;

	private final GuardLink guard;

	private final Random random;

	private final CountDownLatch stop;

	private @Nullable Bank bank;

	private @Nullable Errands errands;

	private final String database;

	private @Nullable Ledger etcdLedger;

	private @Nullable Ledger jdbcLedger;

	Client(Locks locks, Supplier<Locks> others, GuardLink guard, Random random, CountDownLatch stop, String database) {
		this.database = database;
		this.locks = locks;
		this.others = others;
		this.guard = guard;
		this.random = random;
		this.stop = stop;
	}

	Random random() {
		return this.random;
	}

	static int restFactor() {
		return Integer.getInteger(REST, USUAL_REST);
	}

	void rest(Duration time) throws InterruptedException {
		pause(time.multipliedBy(restFactor()));
	}

	private void pause(Duration time) throws InterruptedException {
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

	/** Moves money from one account to another, and tells whether the books are right. */
	void transfer(int from, int to) throws InterruptedException {
		if (this.bank == null) {
			this.bank = new Bank(this.locks.recipes().transactions(), this.guard.client());
		}
		Kind outcome = this.bank.transfer(from, to);
		this.guard.tell(outcome, "bank");
		if (outcome == Kind.FAILED) {
			rest(AFTER_FAILURE);
		}
	}

	/**
	 * Takes a lock by subscribing to a publisher, and ends that in the middle, as like as
	 * not.
	 */
	void turnInAPublisher(String key, Duration time, Duration patience) throws InterruptedException {
		this.guard.tell(Kind.ASKED, key);
		LockedWork.Subscription work = this.locks.subscribe(key);
		try {
			Optional<Hold> lock = work.await(patience);
			if (lock.isPresent()) {
				List<String> keys = List.of(key);
				tell(Kind.ACQUIRED, keys, lock.get());
				use(keys, lock.get(), time);
				tell(Kind.RELEASING, keys, lock.get());
				if (this.random.nextBoolean()) {
					work.complete(WAIT);
					tell(Kind.RELEASED, keys, lock.get());
				}
			}
			else {
				this.guard.tell(Kind.GAVE_UP, key);
			}
		}
		catch (LockUnavailableException ex) {
			this.guard.tell(Kind.FAILED, key);
			pause(AFTER_FAILURE);
		}
		finally {
			work.cancel();
		}
	}

	/** Runs a tick of a schedule when it is due, if nobody else has. */
	void runOnce(String key, long tick, long due) throws InterruptedException {
		pause(Duration.ofNanos(due - System.nanoTime()));
		// Who was paused until now must not keep the others from the next tick.
		if (this.stop.getCount() == 0 || System.nanoTime() - due > ScheduledRuns.LATEST.toNanos()) {
			return;
		}
		Optional<Hold> lock = acquire(this.locks, LockRequest.of(key), Duration.ZERO);
		if (lock.isPresent()) {
			lock.get().holdAtLeast(ScheduledRuns.MINIMUM);
			long now = System.nanoTime();
			if (now - due <= ScheduledRuns.LATEST.toNanos() && lock.get().isHeld()) {
				this.guard.tell(Kind.RAN, ScheduledRuns.run(tick), lock.get());
				use(List.of(key), lock.get(), Duration.ofMillis(this.random.nextInt(60)));
			}
			release(List.of(key), lock.get(), lock.get()::close);
		}
	}

	/** Leads for so long, when it is elected. */
	void lead(String election, Duration time) throws InterruptedException {
		List<String> keys = List.of(election);
		Optional<Hold> term = acquire(keys,
				() -> this.locks.recipes()
					.election(election)
					.tryCampaign(this.guard.client(), WAIT)
					.map(EngineHold::new));
		if (term.isPresent()) {
			use(keys, term.get(), time);
			release(keys, term.get(), term.get()::close);
		}
	}

	/** Takes permits of a semaphore, which nothing but the semaphore counts. */
	void take(String semaphore, int permits, int all, Duration time) throws InterruptedException {
		List<String> keys = List.of(semaphore);
		Optional<Hold> hold = acquire(keys,
				() -> this.locks.semaphore(semaphore, all)
					.tryAcquire(permits, WAIT)
					.map((handle) -> new EngineHold(handle, permits)));
		if (hold.isPresent()) {
			hold.get().onLost(() -> tell(Kind.LOST, keys, hold.get()));
			long end = System.nanoTime() + time.toNanos();
			while (System.nanoTime() < end && this.stop.getCount() > 0) {
				tell(Kind.SEEN, keys, hold.get());
				pause(GLANCE);
			}
			tell(Kind.SEEN, keys, hold.get());
			release(keys, hold.get(), hold.get()::close);
		}
	}

	/** Offers an item of work, and does one of any client. */
	void work(Duration time) throws InterruptedException {
		if (this.errands == null) {
			this.errands = new Errands(this.locks.recipes(), this.guard.client(), this.random, this.guard::tell);
		}
		try {
			this.errands.offer();
			this.errands.receive(() -> pause(time));
		}
		catch (LockUnavailableException ex) {
			pause(AFTER_FAILURE);
		}
	}

	/**
	 * Takes a lock and writes once through a guard, as like as not so late that the lock
	 * may have been lost meanwhile.
	 */
	void write(String key, boolean toEtcd) throws InterruptedException {
		Optional<Hold> lock = acquire(this.locks, LockRequest.of(key));
		if (lock.isPresent()) {
			Hold hold = lock.get();
			hold.onLost(() -> tell(Kind.LOST, List.of(key), hold));
			String id = UUID.randomUUID().toString();
			Duration delay = Duration
				.ofMillis(this.random.nextBoolean() ? this.random.nextInt(LONGEST_DELAY_MILLIS) : 0);
			Kind outcome = (toEtcd ? etcdLedger() : jdbcLedger()).add(hold.handle(), id, () -> pause(delay));
			this.guard.tell(outcome, key + "/" + id);
			release(List.of(key), hold, hold::close);
		}
	}

	private Ledger etcdLedger() {
		Ledger ledger = this.etcdLedger;
		if (ledger == null) {
			ledger = this.locks.etcdLedger();
			this.etcdLedger = ledger;
		}
		return ledger;
	}

	private Ledger jdbcLedger() {
		Ledger ledger = this.jdbcLedger;
		if (ledger == null) {
			ledger = new JdbcLedger(this.database);
			this.jdbcLedger = ledger;
		}
		return ledger;
	}

	private Optional<Hold> acquire(Locks from, LockRequest request) throws InterruptedException {
		return acquire(from, request, WAIT);
	}

	private Optional<Hold> acquire(Locks from, LockRequest request, Duration wait) throws InterruptedException {
		return acquire(request.keys(), () -> from.acquire(request.waitingUpTo(wait)));
	}

	private Optional<Hold> acquire(List<String> keys, Wish wish) throws InterruptedException {
		keys.forEach((key) -> this.guard.tell(Kind.ASKED, key));
		try {
			Optional<Hold> lock = wish.ask();
			lock.ifPresentOrElse((hold) -> tell(Kind.ACQUIRED, keys, hold),
					() -> keys.forEach((key) -> this.guard.tell(Kind.GAVE_UP, key)));
			return lock;
		}
		catch (LockUnavailableException ex) {
			keys.forEach((key) -> this.guard.tell(Kind.FAILED, key));
			pause(AFTER_FAILURE);
			return Optional.empty();
		}
	}

	/**
	 * Does not stop when the lock is lost: the guard has to. Then it looks on until it is
	 * told of the loss, or should have been.
	 */
	private void use(List<String> keys, Hold lock, Duration time) throws InterruptedException {
		CountDownLatch told = new CountDownLatch(1);
		lock.onLost(() -> {
			tell(Kind.LOST, keys, lock);
			told.countDown();
		});
		long end = System.nanoTime() + time.toNanos();
		boolean accepted = true;
		long left;
		do {
			for (String key : keys) {
				accepted &= this.guard.call(key, lock);
				this.guard.tell(Kind.SEEN, key, lock);
			}
			left = end - System.nanoTime();
			pause(Duration.ofNanos(Math.max(0, Math.min(left, GLANCE.toNanos()))));
		}
		while (accepted && left > 0 && this.stop.getCount() > 0);
		long patience = System.nanoTime() + AFTER_REFUSAL.toNanos();
		while (!accepted && System.nanoTime() < patience && !told.await(GLANCE.toNanos(), TimeUnit.NANOSECONDS)) {
			tell(Kind.SEEN, keys, lock);
		}
	}

	private void release(List<String> keys, Hold lock, Runnable end) {
		tell(Kind.RELEASING, keys, lock);
		end.run();
		tell(Kind.RELEASED, keys, lock);
	}

	/** How to ask for something to hold. */
	private interface Wish {

		Optional<Hold> ask() throws InterruptedException;

	}

	private void tell(Kind kind, List<String> keys, Hold lock) {
		keys.forEach((key) -> this.guard.tell(kind, key, lock));
	}

}
