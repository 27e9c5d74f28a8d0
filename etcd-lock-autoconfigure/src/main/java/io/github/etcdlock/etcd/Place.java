package io.github.etcdlock.etcd;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * What this process has in etcd for one ticket: a key in each line, all put in one
 * transaction under one name. Lives on the loop.
 */
final class Place {

	/** How far a place has come. */
	private enum State {

		/** Its put is under way: becomes WAITING or OVER. */
		ASKING,

		/** Its keys stand in line: becomes HELD, ENDING or OVER. */
		WAITING,

		/** Admitted in every line: becomes ENDING or OVER. */
		HELD,

		/** Its delete was sent, so it is never granted again: becomes OVER. */
		ENDING,

		/** Gone, or left to the reaper. Final. */
		OVER

	}

	private final Engine engine;

	private final Lines lines;

	private final Session session;

	private Admission admission;

	private final long number;

	private final List<Slot> slots;

	/** Tells its take from all others, also of places with the same name. */
	private final long serial;

	private State state = State.ASKING;

	private @Nullable Ticket ticket;

	private long revision;

	private long nextRead;

	/** Set while it is held. */
	private @Nullable Tenure tenure;

	Place(Engine engine, Lines lines, Session session, Ticket ticket) {
		this.engine = engine;
		this.lines = lines;
		this.session = session;
		this.admission = ticket.admission();
		this.number = session.names().next(ticket.lines());
		String name = session.names().of(this.number);
		this.slots = Lines.each(ticket.lines(), (line) -> new Slot(line, name));
		this.serial = session.nextSerial();
		this.ticket = ticket;
		ticket.place(this);
		ticket.lines().forEach((line) -> line.add(this));
		session.add(this);
	}

	Admission admission() {
		return this.admission;
	}

	long ttlSeconds() {
		return this.session.ttlSeconds();
	}

	List<WaitLine> lines() {
		return Lines.each(this.slots, Slot::line);
	}

	Session session() {
		return this.session;
	}

	Engine engine() {
		return this.engine;
	}

	long revision() {
		return this.revision;
	}

	List<String> keys() {
		return etcdKeys().map(ByteString::toStringUtf8).toList();
	}

	boolean waiting() {
		return this.state == State.WAITING;
	}

	boolean asking() {
		return this.state == State.ASKING;
	}

	boolean held() {
		return this.state == State.HELD;
	}

	/** Whether its keys are in etcd, as far as is known. */
	boolean standing() {
		return waiting() || held();
	}

	/** By which its name is told from others of its session. */
	long number() {
		return this.number;
	}

	Stream<ByteString> etcdKeys() {
		return this.slots.stream().map(Slot::key);
	}

	long nextRead() {
		return this.nextRead;
	}

	void nextRead(long time) {
		this.nextRead = time;
	}

	List<HeldLock> holders() {
		return (this.tenure != null) ? this.tenure.holders() : List.of();
	}

	/** Whether a reader of this process may hold it too, and then does. */
	boolean shareWith(Ticket reader) {
		return held() && this.tenure != null && this.tenure.shareWith(reader);
	}

	/** Whether a request under the given rule may be put behind it while it is here. */
	boolean admits(Admission next) {
		return (this.state == State.HELD) ? this.admission.mode() == LockMode.SHARED
				: this.state != State.WAITING && this.admission.beside(next);
	}

	// Asking

	/** The put of this place, together with the end of the one it follows, if any. */
	TxnRequest take(@Nullable Place old) {
		return requests().take(this.admission, (old != null) ? old.release() : null);
	}

	PlaceRequests requests() {
		return new PlaceRequests(this.slots, this.engine.keys(), this.session, this.serial);
	}

	/** The delete of this place, if it is still the one that was put. */
	TxnRequest release() {
		return requests().release(this.revision);
	}

	void asked() {
		this.slots.forEach((slot) -> slot.line().asked());
	}

	/** Its take was carried out; the lines, if they were read, are the last answers. */
	void taken(TxnResponse response, long revision) {
		this.revision = revision;
		this.state = State.WAITING;
		int ranges = response.getResponsesCount() - this.slots.size();
		for (int i = 0; i < this.slots.size(); i++) {
			ResponseOp answer = response.getResponses(ranges + i);
			List<KeyValue> line = answer.hasResponseRange() ? answer.getResponseRange().getKvsList() : List.of();
			this.slots.get(i).read(line, this.revision, this.revision, this.admission);
		}
		this.slots.forEach((slot) -> slot.line().answered(this));
		if (this.state != State.WAITING) {
			return;
		}
		if (this.session.over()) {
			sessionLost("the session ended");
			return;
		}
		if (this.ticket == null) {
			this.ticket = this.lines.heir(this);
		}
		if (this.ticket == null) {
			release((held) -> {
			});
		}
		else {
			this.ticket.asked();
			settle();
		}
	}

	/** Its take changed nothing, or its fate is with the reaper. */
	@Nullable Ticket notTaken() {
		this.slots.forEach((slot) -> slot.line().answered(null));
		leave();
		Ticket ticket = this.ticket;
		if (ticket != null) {
			ticket.place(null);
		}
		return ticket;
	}

	/** Nobody knows whether it was put, or will be: ends its name for good. */
	void endByName(Runnable done) {
		spend();
		this.engine.reaper().endByName(this.session, etcdKeys().toList(), requests().tombstone(), done);
	}

	/** Its name is not to be used again. */
	void spend() {
		this.session.names().spend(this.number);
	}

	// Waiting

	/**
	 * Grants it if it is admitted everywhere; else sees to it that the news will come.
	 */
	void settle() {
		Ticket ticket = this.ticket;
		if (this.state != State.WAITING || ticket == null) {
			return;
		}
		if (admitted()) {
			if (this.session.proven()) {
				grant(ticket);
			}
			return;
		}
		if (ticket.expired()) {
			this.lines.leave(ticket);
			return;
		}
		for (Slot slot : this.slots) {
			if (this.admission.changes()) {
				slot.line().watchArrivals();
			}
			else {
				slot.line().watchFor(slot);
			}
			if (slot.line().gapAfter(slot.base())) {
				read(slot);
			}
		}
		this.lines.rememberToRead(this);
	}

	private boolean admitted() {
		for (Slot slot : this.slots) {
			if (!slot.admitted(this.admission)) {
				return false;
			}
		}
		return true;
	}

	void watching(WaitLine line) {
		Slot slot = slot(line);
		if (standing() && line.gapAfter(slot.base())) {
			read(slot);
		}
	}

	/** A key of a line was deleted, perhaps ours, or changed to shared mode. */
	void changed(WaitLine line, WaitLine.Change change) {
		Slot slot = slot(line);
		if (!standing() || change.revision() <= slot.base()) {
			return;
		}
		if (change.key().equals(slot.key())) {
			if (change.deleted()) {
				vanished("its key was deleted from etcd");
			}
		}
		else if (!line.gapAfter(slot.base())) {
			// What comes after a gap says nothing before a read has seen our own key.
			slot.changed(change, this.admission);
		}
	}

	boolean has(WaitLine line, ByteString key) {
		return slot(line).key().equals(key);
	}

	private Slot slot(WaitLine line) {
		for (Slot slot : this.slots) {
			if (slot.line() == line) {
				return slot;
			}
		}
		throw new IllegalArgumentException("It has no key in " + line);
	}

	/** Reads every line again, in case that news were lost. */
	void readAgain() {
		this.slots.forEach(this::read);
	}

	private void read(Slot slot) {
		if (slot.reading()) {
			return;
		}
		slot.reading(true);
		slot.line().asked();
		this.engine.store()
			.range(requests().read(slot, this.revision, this.state == State.HELD, this.admission),
					this.engine.store().deadline(), (response) -> this.engine.loop().run(() -> read(slot, response)),
					(failure) -> this.engine.loop().run(() -> notRead(slot)));
	}

	private void read(Slot slot, RangeResponse response) {
		slot.reading(false);
		if (standing()) {
			boolean ours = response.getKvsList()
				.stream()
				.anyMatch((kv) -> kv.getKey().equals(slot.key()) && kv.getCreateRevision() == this.revision);
			if (!ours) {
				slot.line().answered(null);
				vanished("its key is gone from etcd");
				return;
			}
			slot.read(response.getKvsList(), this.revision, response.getHeader().getRevision(), this.admission);
		}
		slot.line().answered(this);
		settle();
		leaveIfOver(slot);
	}

	private void notRead(Slot slot) {
		slot.reading(false);
		slot.line().answered(null);
		if (standing()) {
			this.engine.later(this.engine.settings().requestTimeout().toNanos() / 4, () -> watching(slot.line()));
		}
		leaveIfOver(slot);
	}

	/** The answer was the last that kept the line. */
	private void leaveIfOver(Slot slot) {
		if (this.state == State.OVER) {
			this.lines.advance(List.of(slot.line()));
		}
	}

	private void grant(Ticket ticket) {
		this.state = State.HELD;
		this.ticket = null;
		Tenure tenure = new Tenure(this);
		this.tenure = tenure;
		tenure.give(ticket);
	}

	void granted(Ticket ticket, HeldLock lock) {
		this.lines.granted(this, ticket, lock);
	}

	// Ending

	/** One of its holders is done. */
	void leave(Tenure tenure, HeldLock lock) {
		this.lines.release(this, tenure, lock);
	}

	/**
	 * Goes to another ticket of the same kind, or nobody.
	 * @param left is told when the former ticket has no part in it any more: its next
	 * attempt is not to find itself in the way
	 */
	void leftTo(@Nullable Ticket heir, Runnable left) {
		this.ticket = heir;
		if (heir == null && this.state == State.WAITING) {
			release((held) -> {
			}, left);
			return;
		}
		left.run();
		settle();
	}

	void release(Consumer<Boolean> done) {
		release(done, () -> {
		});
	}

	/**
	 * Deletes its keys. The lines go on at the first answer or failure; what is open then
	 * is the reaper's.
	 * @param done is told whether the keys were there until now, as far as that is known
	 * @param tried is told of that first answer or failure
	 */
	void release(Consumer<Boolean> done, Runnable tried) {
		ending();
		TxnRequest request = release();
		this.engine.batches().send(request, lines(), this.engine.store().deadline(), (response, revision) -> {
			if (!response.getSucceeded() && this.slots.size() > 1) {
				deleteEach();
			}
			done.accept(response.getSucceeded());
			over(response.getSucceeded());
			tried.run();
		}, (failure) -> {
			over();
			tried.run();
			this.engine.reaper().end(this.session, request, () -> done.accept(true));
		});
	}

	/**
	 * Keeps its keys for a while though nobody holds it any more.
	 * @param done is told whether the keys were there until now, as far as that is known
	 */
	void rest(long nanos, Consumer<Boolean> done) {
		ending();
		new Rest(this.engine, this, nanos, done).begin();
	}

	/** Puts its keys on another lease, if they are still the ones that were put. */
	TxnRequest move(long lease) {
		return requests().move(this.revision, this.admission, lease);
	}

	/** Its keys were not all there when they were to move. */
	void notMoved() {
		if (this.slots.size() > 1) {
			deleteEach();
		}
	}

	void ending() {
		this.state = State.ENDING;
	}

	/**
	 * Leaves the lines, which go on without it.
	 * @param ended whether etcd has confirmed that its keys were there, and are gone
	 */
	void over(boolean ended) {
		if (!ended) {
			spend();
		}
		leave();
	}

	void over() {
		over(false);
	}

	private void leave() {
		if (this.state != State.OVER) {
			this.state = State.OVER;
			this.session.remove(this);
			this.slots.forEach((slot) -> slot.line().remove(this));
			this.lines.advance(lines());
		}
	}

	/** Somebody else has ended it. */
	private void vanished(String reason) {
		if (this.slots.size() > 1) {
			deleteEach();
		}
		gone(reason);
	}

	private void gone(String reason) {
		List<HeldLock> lost = holders();
		Ticket ticket = this.ticket;
		over();
		lost.forEach((lock) -> lock.lost(reason));
		if (ticket != null) {
			ticket.place(null);
			this.lines.askAgain(ticket);
		}
	}

	/** Ends each key for itself, where one guard over all of them cannot hold. */
	void deleteEach() {
		for (Slot slot : this.slots) {
			TxnRequest request = TxnRequest.newBuilder()
				.addCompare(slot.createdAt(this.revision))
				.addSuccess(slot.delete())
				.build();
			this.engine.reaper().end(this.session, request, () -> {
			});
		}
	}

	void sessionLost(String reason) {
		// The answer to a request that is under way, whatever it is, finds the session
		// over.
		if (standing()) {
			gone(reason);
		}
	}

	// Other changes

	/**
	 * Becomes shared in its place, so that no writer can come in between.
	 * @param answered is told whether it was still there
	 */
	void downgrade(Consumer<Boolean> answered, Consumer<EtcdFailure> failed) {
		// From the moment it is sent, others may share it.
		this.admission = LockAdmission.SHARED;
		TxnRequest request = requests().downgrade(this.revision);
		long deadline = this.engine.store().deadline();
		this.engine.batches()
			.send(request, lines(), deadline, (response, revision) -> downgraded(response, answered), (first) -> {
				if (!first.passing()) {
					notDowngraded(first, answered, failed);
					return;
				}
				this.engine.store()
					.repeatTxn(request, deadline,
							(response) -> this.engine.loop().run(() -> downgraded(response, answered)),
							(failure) -> this.engine.loop()
								.run(() -> notDowngraded(failure.after(first), answered, failed)));
			});
	}

	private void downgraded(TxnResponse response, Consumer<Boolean> answered) {
		if (response.getSucceeded()) {
			this.lines.advance(lines());
		}
		else if (held()) {
			vanished("its key was gone from etcd when it was to be shared");
		}
		answered.accept(response.getSucceeded());
	}

	private void notDowngraded(EtcdFailure failure, Consumer<Boolean> answered, Consumer<EtcdFailure> failed) {
		if (failure.leaseGone()) {
			this.session.leaseGone();
			answered.accept(false);
			return;
		}
		if (!failure.applied() && holders().size() == 1) {
			this.admission = LockAdmission.EXCLUSIVE;
		}
		this.lines.advance(lines());
		failed.accept(failure);
	}

	void revocationAsked(Revocation revocation) {
		if (this.state == State.HELD && revocation.revision() == this.revision
				&& this.slots.stream().anyMatch((slot) -> slot.key().equals(revocation.key()))) {
			holders().forEach(HeldLock::revocationAsked);
		}
	}

}
