package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * All lines of this process: who of its waiters is next, and what becomes of a lock when
 * its holder is done. Lives on the loop.
 */
final class Lines {

	/** A lock held longer than this is watched. */
	private static final long LONG_HOLD = TimeUnit.MILLISECONDS.toNanos(500);

	private static final long LINGER = TimeUnit.SECONDS.toNanos(10);

	private static final long READ_AGAIN = TimeUnit.SECONDS.toNanos(10);

	/** Of one tick, ten of which are a second. */
	private static final int MOST_READS = 5;

	private final Engine engine;

	private final Sessions sessions;

	private final Object endpoints;

	private final Map<ByteString, WaitLine> byPrefix = new HashMap<>();

	/** Held for less than {@link #LONG_HOLD}, the oldest first, and since when. */
	private final Map<Place, Long> fresh = new LinkedHashMap<>();

	/** Not in use any more, the oldest first, and since when. */
	private final Map<WaitLine, Long> lingering = new LinkedHashMap<>();

	private final Deque<Place> toRead = new ArrayDeque<>();

	private boolean closed;

	Lines(Engine engine, Sessions sessions, Object endpoints) {
		this.engine = engine;
		this.sessions = sessions;
		this.endpoints = endpoints;
	}

	WaitLine line(ByteString prefix) {
		return this.byPrefix.computeIfAbsent(prefix, (key) -> new WaitLine(key, this.engine.watches()));
	}

	/** As a stream would do it, which costs more than the rest for one line. */
	static <A, B> List<B> each(List<A> all, Function<A, B> step) {
		return (all.size() == 1) ? List.of(step.apply(all.get(0)))
				: all.stream().map(step).collect(Collectors.toUnmodifiableList());
	}

	int size() {
		return this.byPrefix.size();
	}

	/** How many tickets wait for a lock. */
	int waiting() {
		return tickets().size();
	}

	/** Those that wait for a lock. */
	Set<Ticket> tickets() {
		Set<Ticket> waiting = new LinkedHashSet<>();
		for (WaitLine line : this.byPrefix.values()) {
			line.queue().stream().filter((ticket) -> ticket.claim().kind() == Claim.Kind.LOCK).forEach(waiting::add);
		}
		return waiting;
	}

	// Waiting

	void enter(Ticket ticket) {
		if (this.closed) {
			complete(ticket, new IllegalStateException("The lock manager is closed"));
			return;
		}
		ticket.enter(each(ticket.claim().lines(this.engine.keys()), this::line));
		boolean free = free(ticket);
		if (free && shared(ticket)) {
			return;
		}
		if (!free && !ticket.waits()) {
			busy(ticket);
			return;
		}
		ticket.lines().forEach((line) -> {
			line.enter(ticket);
			this.lingering.remove(line);
		});
		if (free) {
			ask(ticket);
		}
	}

	private static boolean free(Ticket ticket) {
		for (WaitLine line : ticket.lines()) {
			if (!line.free(ticket)) {
				return false;
			}
		}
		return true;
	}

	/** Whether another reader's place could be shared. */
	private boolean shared(Ticket ticket) {
		if (ticket.admission().shares()) {
			for (Place place : ticket.lines().get(0).places()) {
				if (place.shareWith(ticket)) {
					return true;
				}
			}
		}
		return false;
	}

	/** The wait is over; an answer of etcd that is under way still counts. */
	void expire(Ticket ticket) {
		if (ticket.asking()) {
			ticket.expire();
		}
		else {
			leave(ticket);
		}
	}

	/** Ends a wait without the lock. */
	void leave(Ticket ticket) {
		if (ticket.over()) {
			return;
		}
		Place place = ticket.place();
		if (place == null) {
			busy(ticket);
		}
		else {
			ticket.end();
			ticket.place(null);
			place.leftTo(place.asking() ? null : heir(place), () -> busy(ticket));
		}
		advance(ticket.lines());
	}

	private void busy(Ticket ticket) {
		ticket.end();
		ticket.outcome().complete(null);
		this.engine.tell(ticket.claim(), (listeners) -> listeners.notAcquired(ticket.request(), waited(ticket)));
		ticket.lines().forEach(this::forgetIfIdle);
	}

	/** Who can take over a place that its ticket has left: the next, if it is equal. */
	@Nullable Ticket heir(Place place) {
		Ticket head = place.lines().get(0).head();
		if (head == null || head.place() != null || head.asking() || !head.equal(place)
				|| !place.lines().stream().allMatch((line) -> line.head() == head)) {
			return null;
		}
		head.place(place);
		return head;
	}

	/** Lets the first of each line ask, where nothing is in the way. */
	void advance(List<WaitLine> lines) {
		for (WaitLine line : lines) {
			Ticket head = line.head();
			while (head != null && ready(head, null) && shared(head)) {
				head = line.head();
			}
			if (head != null && ready(head, null)) {
				ask(head);
			}
			forgetIfIdle(line);
		}
	}

	private boolean ready(Ticket ticket, @Nullable Place except) {
		if (ticket.place() != null || ticket.asking() || ticket.over()) {
			return false;
		}
		for (WaitLine line : ticket.lines()) {
			if (line.head() != ticket || !line.open(except, ticket.admission())) {
				return false;
			}
		}
		return true;
	}

	private void forgetIfIdle(WaitLine line) {
		if (line.idle()) {
			if (line.watched()) {
				this.lingering.putIfAbsent(line, this.engine.clock().nanos());
			}
			else {
				this.byPrefix.remove(line.prefix(), line);
			}
		}
	}

	// Asking etcd

	private void ask(Ticket ticket) {
		ticket.ask(this.engine.clock().nanos(), this.engine.store().deadline());
		attempt(ticket);
	}

	/** Its place was lost while it waited: asks for another. */
	void askAgain(Ticket ticket) {
		if (!ticket.over()) {
			ask(ticket);
		}
	}

	private void attempt(Ticket ticket) {
		if (ticket.over()) {
			return;
		}
		Session session = this.sessions.get(ticket.ttlSeconds());
		session.whenStarted(new Session.Starter() {

			@Override
			public void started() {
				put(ticket, session);
			}

			@Override
			public void failed(EtcdFailure failure) {
				retry(ticket, failure);
			}

		});
	}

	private void put(Ticket ticket, Session session) {
		if (ticket.over()) {
			return;
		}
		Place place = new Place(this.engine, this, session, ticket);
		place.asked();
		if (ticket.waits()) {
			send(place, place.take(null), ticket);
		}
		else if (ticket.admission().told(ticket.lines().size())) {
			send(place, place.requests().tryTake(ticket.admission()), ticket);
		}
		else {
			this.engine.store()
				.repeatTxn(place.requests().read(), ticket.askDeadline(),
						(response) -> this.engine.loop().run(() -> tryAsRead(place, ticket, response)),
						(failure) -> this.engine.loop().run(() -> notAnswered(place, failure)));
		}
	}

	private void send(Place place, TxnRequest request, Ticket ticket) {
		this.engine.batches()
			.send(request, ticket.lines(), ticket.askDeadline(),
					(response, revision) -> answered(place, response, revision),
					(failure) -> notAnswered(place, failure));
	}

	/**
	 * No single guard says of several lines that they are empty or shared, or of one how
	 * much is taken: reads, and guards that.
	 */
	private void tryAsRead(Place place, Ticket ticket, TxnResponse read) {
		if (ticket.over()) {
			place.notTaken();
			return;
		}
		boolean free = read.getResponsesList()
			.stream()
			.allMatch((line) -> admitted(ticket.admission(), line.getResponseRange()));
		if (free) {
			long revision = read.getHeader().getRevision();
			send(place, place.requests().takeUnlessChanged(ticket.admission(), revision), ticket);
		}
		else {
			refused(place, false);
		}
	}

	private static boolean admitted(Admission admission, RangeResponse line) {
		return admission.admitted(line.getKvsList().stream().map(KeyValue::getValue).filter(admission::minds).toList());
	}

	private void answered(Place place, TxnResponse response, long revision) {
		if (response.getSucceeded()) {
			place.taken(response, revision);
		}
		else if (response.getResponsesCount() == 1 && response.getResponses(0).getResponseTxn().getSucceeded()) {
			place.taken(response.getResponses(0).getResponseTxn(), revision);
		}
		else {
			refused(place, true);
		}
	}

	/**
	 * A line was not as it had to be: its guard says so, or a read already, which nothing
	 * can have overtaken.
	 */
	private void refused(Place place, boolean guarded) {
		Ticket ticket = place.notTaken();
		if (ticket == null) {
			return;
		}
		boolean changedSinceRead = guarded && !ticket.admission().told(ticket.lines().size())
				&& this.engine.clock().nanos() < ticket.askDeadline();
		if (ticket.waits()) {
			// Somebody has put a key of this name.
			place.spend();
			askAgain(ticket);
		}
		else if (changedSinceRead) {
			attempt(ticket);
		}
		else {
			busy(ticket);
			advance(ticket.lines());
		}
	}

	/**
	 * A name is asked for once: whether this attempt was carried out, or will be, does
	 * not matter, for its name is ended and the next attempt has another. One that does
	 * not wait would take what is left of it for somebody else's, and comes after its
	 * end.
	 */
	private void notAnswered(Place place, EtcdFailure failure) {
		CompletableFuture<Void> ended = new CompletableFuture<>();
		if (failure.applied()) {
			place.endByName(() -> ended.complete(null));
		}
		Ticket ticket = place.notTaken();
		if (failure.leaseGone()) {
			place.session().leaseGone();
		}
		if (ticket != null && failure.applied() && !ticket.waits()) {
			this.engine.later(ticket.askDeadline() - this.engine.clock().nanos(), () -> ended.complete(null));
			ended.thenRun(() -> retry(ticket, failure));
		}
		else if (ticket != null) {
			retry(ticket, failure);
		}
	}

	private void retry(Ticket ticket, EtcdFailure failure) {
		if (ticket.over()) {
			return;
		}
		long pause = this.engine.store().pause(ticket.nextAttempt());
		boolean useful = failure.passing() || failure.leaseGone();
		if (!useful || this.closed || this.engine.clock().nanos() + pause >= ticket.askDeadline()) {
			fail(ticket, failure);
		}
		else if (pause == 0) {
			attempt(ticket);
		}
		else {
			this.engine.later(pause, () -> attempt(ticket));
		}
	}

	/** Fails a ticket, and those who stood behind it for as long as it has asked. */
	private void fail(Ticket ticket, EtcdFailure failure) {
		Set<Ticket> failed = new LinkedHashSet<>(Set.of(ticket));
		for (WaitLine line : ticket.lines()) {
			for (Ticket other : line.queue()) {
				if (other.since() <= ticket.askedAt() && other.place() == null && !other.asking()) {
					failed.add(other);
				}
			}
		}
		for (Ticket each : failed) {
			long waited = waited(each);
			complete(each, Ticket.unavailable(each.claim(), waited, failure, this.endpoints));
		}
		failed.forEach((each) -> advance(each.lines()));
	}

	private void complete(Ticket ticket, RuntimeException failure) {
		ticket.end();
		ticket.outcome().completeExceptionally(failure);
		if (failure instanceof EtcdLockException cause) {
			this.engine.tell(ticket.claim(), (listeners) -> listeners.error(ticket.request(), waited(ticket), cause));
		}
	}

	private long waited(Ticket ticket) {
		return this.engine.clock().nanos() - ticket.since();
	}

	// Holding

	void granted(Place place, Ticket ticket, HeldLock lock) {
		ticket.end();
		this.fresh.putIfAbsent(place, this.engine.clock().nanos());
		ticket.outcome().complete(lock);
		this.engine.tell(ticket.claim(), (listeners) -> listeners.acquired(lock, waited(ticket)));
		if (place.admission().mode() == LockMode.SHARED || place.lines().size() > 1) {
			advance(place.lines());
		}
	}

	/** Its holder is done: passes the lock on with one write, or deletes it. */
	void release(Place place, Tenure tenure, HeldLock lock) {
		if (!place.held()) {
			lock.released(false);
			return;
		}
		if (!tenure.left(lock)) {
			lock.released(true);
			return;
		}
		if (tenure.toKeep() > 0) {
			this.fresh.remove(place);
			place.rest(tenure.toKeep(), lock::released);
			return;
		}
		Ticket next = next(place);
		if (next != null && tenure.passTo(next)) {
			lock.released(true);
			return;
		}
		this.fresh.remove(place);
		Session session = (next != null) ? this.sessions.started(next.ttlSeconds()) : null;
		if (next == null || session == null) {
			place.release(lock::released);
		}
		else {
			handOver(place, lock, next, session);
		}
	}

	private @Nullable Ticket next(Place place) {
		for (WaitLine line : place.lines()) {
			Ticket head = line.head();
			if (head != null && ready(head, place)) {
				return head;
			}
		}
		return null;
	}

	private void handOver(Place old, HeldLock lock, Ticket next, Session session) {
		next.ask(this.engine.clock().nanos(), this.engine.store().deadline());
		Place place = new Place(this.engine, this, session, next);
		TxnRequest request = place.take(old);
		old.ending();
		place.asked();
		Set<WaitLine> both = new LinkedHashSet<>(old.lines());
		both.addAll(place.lines());
		this.engine.batches()
			.send(request, List.copyOf(both), next.askDeadline(),
					(response, revision) -> handedOver(old, lock, place, response, revision), (failure) -> {
						this.engine.reaper().end(old.session(), old.release(), () -> lock.released(true));
						old.over();
						notAnswered(place, failure);
					});
	}

	private void handedOver(Place old, HeldLock lock, Place place, TxnResponse response, long revision) {
		if (!response.getSucceeded()) {
			old.deleteEach();
		}
		old.over(response.getSucceeded());
		// who has the lock now first: the other thread has nothing to do for it any more
		answered(place, response, revision);
		lock.released(response.getSucceeded());
	}

	// In time

	void rememberToRead(Place place) {
		if (place.nextRead() == 0) {
			place.nextRead(readAgainAt());
			this.toRead.add(place);
		}
	}

	private long readAgainAt() {
		return this.engine.clock().nanos() + READ_AGAIN + ThreadLocalRandom.current().nextLong(READ_AGAIN / 5);
	}

	void tick() {
		long now = this.engine.clock().nanos();
		watchLongHolds(now);
		readAgain(now);
		for (Iterator<Map.Entry<WaitLine, Long>> lines = this.lingering.entrySet().iterator(); lines.hasNext();) {
			Map.Entry<WaitLine, Long> oldest = lines.next();
			if (now - oldest.getValue() < LINGER) {
				break;
			}
			lines.remove();
			WaitLine line = oldest.getKey();
			line.unwatch();
			forgetIfIdle(line);
		}
	}

	private void watchLongHolds(long now) {
		for (Iterator<Map.Entry<Place, Long>> places = this.fresh.entrySet().iterator(); places.hasNext();) {
			Map.Entry<Place, Long> oldest = places.next();
			if (now - oldest.getValue() < LONG_HOLD) {
				break;
			}
			places.remove();
			Place place = oldest.getKey();
			if (place.held()) {
				place.lines().forEach((line) -> line.watch(place.revision() + 1));
			}
		}
	}

	private void readAgain(long now) {
		for (int reads = 0; reads < MOST_READS && !this.toRead.isEmpty();) {
			Place place = this.toRead.peek();
			if (place.waiting() && now - place.nextRead() < 0) {
				break;
			}
			this.toRead.remove();
			if (place.waiting()) {
				reads++;
				place.readAgain();
				place.nextRead(readAgainAt());
				this.toRead.add(place);
			}
		}
	}

	/** What comes now has revisions that were seen before. */
	void storeWentBack() {
		this.byPrefix.values().forEach(WaitLine::storeWentBack);
	}

	// Closing

	/** Refuses new tickets and ends those that wait. */
	void close() {
		this.closed = true;
		for (WaitLine line : List.copyOf(this.byPrefix.values())) {
			List.copyOf(line.queue()).forEach(this::leave);
		}
	}

}
