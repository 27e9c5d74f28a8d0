package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * One caller's wish for a lock, waiting in the local queue of each of its lines. Ends
 * with a handle, with nothing, or with the reason why etcd could not be asked. Lives on
 * the loop, its outcome anywhere.
 */
final class Ticket {

	private final Claim claim;

	private List<WaitLine> lines = List.of();

	private final long ttlSeconds;

	private final boolean waits;

	private final boolean scoped;

	private final long since;

	private final String thread = Thread.currentThread().getName();

	/** A handle, or null when the lock was busy. */
	private final CompletableFuture<@Nullable HeldLock> outcome = new CompletableFuture<>();

	/** Where it stands in etcd; null while it waits behind others of this process. */
	private @Nullable Place place;

	/** Whether it is its turn to have a place, so that nobody else's request is begun. */
	private boolean asking;

	private long askDeadline;

	private long askedAt;

	private int attempts;

	private boolean expired;

	private boolean over;

	Ticket(Claim claim, long ttlSeconds, boolean waits, boolean scoped, long since) {
		this.claim = claim;
		this.ttlSeconds = ttlSeconds;
		this.waits = waits;
		this.scoped = scoped;
		this.since = since;
	}

	Claim claim() {
		return this.claim;
	}

	LockRequest request() {
		return this.claim.request();
	}

	Admission admission() {
		return this.claim.admission();
	}

	List<WaitLine> lines() {
		return this.lines;
	}

	void enter(List<WaitLine> lines) {
		this.lines = lines;
	}

	long ttlSeconds() {
		return this.ttlSeconds;
	}

	/** False: try once, and write nothing when it is busy. */
	boolean waits() {
		return this.waits;
	}

	/** Whether {@code execute} holds it, which shutdown waits for. */
	boolean scoped() {
		return this.scoped;
	}

	long since() {
		return this.since;
	}

	/** The thread that asks. */
	String thread() {
		return this.thread;
	}

	LocalLock local(long now) {
		return new LocalLock(request().keys(), request().name(), request().mode(), false, null,
				Duration.ofNanos(now - this.since), this.thread, (this.place != null) ? this.place.keys() : List.of());
	}

	CompletableFuture<@Nullable HeldLock> outcome() {
		return this.outcome;
	}

	@Nullable Place place() {
		return this.place;
	}

	void place(@Nullable Place place) {
		this.place = place;
	}

	/** Whether another can take over what this one has reached in etcd. */
	boolean equal(Place place) {
		return this.waits && sharing(place);
	}

	/** Whether it could share this place with its holder. */
	boolean sharing(Place place) {
		return place.admission().equals(admission()) && place.ttlSeconds() == this.ttlSeconds
				&& place.lines().equals(this.lines);
	}

	// Asking etcd

	boolean asking() {
		return this.asking;
	}

	/** Begins to ask, with a deadline of its own. */
	void ask(long now, long deadline) {
		this.asking = true;
		this.attempts = 0;
		this.askedAt = now;
		this.askDeadline = deadline;
	}

	void asked() {
		this.asking = false;
	}

	long askDeadline() {
		return this.askDeadline;
	}

	long askedAt() {
		return this.askedAt;
	}

	int nextAttempt() {
		return this.attempts++;
	}

	// Ending

	/** The wait is over, but etcd's answer, which is under way, still counts. */
	void expire() {
		this.expired = true;
	}

	boolean expired() {
		return this.expired;
	}

	boolean over() {
		return this.over;
	}

	/** Takes it out of every queue; the outcome is completed by the caller. */
	void end() {
		this.over = true;
		this.asking = false;
		this.lines.forEach((line) -> line.leave(this));
	}

	static LockNotAcquiredException notAcquired(LockRequest request, Duration waited, String why) {
		return notAcquired(Claim.lock(request), waited, why);
	}

	static LockNotAcquiredException notAcquired(Claim claim, Duration waited, String why) {
		return new LockNotAcquiredException(
				"Could not acquire the " + claim.text() + " within " + show(waited) + ": " + why);
	}

	static LockUnavailableException unavailable(Claim claim, long waited, EtcdFailure failure, Object endpoints) {
		return new LockUnavailableException("Could not acquire the " + claim.text() + ": etcd at " + endpoints
				+ " gave no usable answer within " + show(Duration.ofNanos(waited)) + " (" + failure.text() + ")",
				failure.cause());
	}

	static String show(Duration time) {
		long millis = TimeUnit.NANOSECONDS.toMillis(time.toNanos());
		return (millis < 10_000) ? millis + " ms" : millis / 1000 + " s";
	}

}
