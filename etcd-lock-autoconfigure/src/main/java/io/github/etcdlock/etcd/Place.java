package io.github.etcdlock.etcd;

import java.util.List;
import java.util.function.Consumer;

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
 * transaction under a name that is never used again. Lives on the loop.
 */
final class Place {

	/** How far a place has come. */
	private enum State {

		/** Its put is under way: becomes WAITING or OVER. */
		ASKING,

		/** Its keys stand in line: becomes HELD, ENDING or OVER. */
		WAITING,

		/** First in every line: becomes ENDING or OVER. */
		HELD,

		/** Its delete was sent, so it is never granted again: becomes OVER. */
		ENDING,

		/** Gone, or left to the reaper. Final. */
		OVER

	}

	private final Engine engine;

	private final Lines lines;

	private final Session session;

	private final String name;

	private LockMode mode;

	private final long ttlSeconds;

	private final List<WaitLine> in;

	private final List<Slot> slots;

	private final PlaceRequests requests;

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
		this.name = session.nextPlace();
		this.mode = ticket.mode();
		this.ttlSeconds = ticket.ttlSeconds();
		this.in = ticket.lines();
		this.slots = this.in.stream().map((line) -> new Slot(line, this.name)).toList();
		this.requests = new PlaceRequests(this.slots, engine.keys().tombstone(this.name), session.lease());
		this.ticket = ticket;
		ticket.place(this);
		this.in.forEach((line) -> line.add(this));
		session.add(this);
	}

	LockMode mode() {
		return this.mode;
	}

	long ttlSeconds() {
		return this.ttlSeconds;
	}

	List<WaitLine> lines() {
		return this.in;
	}

	Session session() {
		return this.session;
	}

	long revision() {
		return this.revision;
	}

	List<String> keys() {
		return this.slots.stream().map((slot) -> slot.key().toStringUtf8()).toList();
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

	String name() {
		return this.name;
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

	/** Whether a request in the given mode may be put behind it while it is here. */
	boolean admits(LockMode next) {
		return this.mode == LockMode.SHARED
				&& (this.state == State.HELD || (this.state != State.WAITING && next == LockMode.SHARED));
	}

	// Asking

	/** The put of this place, together with the end of the one it follows, if any. */
	TxnRequest take(@Nullable Place old) {
		return this.requests.take(this.mode, (old != null) ? old.release() : null);
	}

	PlaceRequests requests() {
		return this.requests;
	}

	/** The delete of this place, if it is still the one that was put. */
	TxnRequest release() {
		return this.requests.release(this.revision);
	}

	void asked() {
		this.in.forEach(WaitLine::asked);
	}

	/** Its take was carried out; the lines, if they were read, are the last answers. */
	void taken(TxnResponse response, long revision) {
		this.revision = revision;
		this.state = State.WAITING;
		int ranges = response.getResponsesCount() - this.slots.size();
		for (int i = 0; i < this.slots.size(); i++) {
			ResponseOp answer = response.getResponses(ranges + i);
			List<KeyValue> line = answer.hasResponseRange() ? answer.getResponseRange().getKvsList() : List.of();
			this.slots.get(i).read(line, this.revision, this.revision, this.mode);
		}
		this.in.forEach((line) -> line.answered(this));
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
		this.in.forEach((line) -> line.answered(null));
		over();
		Ticket ticket = this.ticket;
		if (ticket != null) {
			ticket.place(null);
		}
		return ticket;
	}

	/** Nobody knows whether it was put, or will be: ends its name for good. */
	void endByName() {
		this.engine.reaper()
			.endByName(this.session, this.slots.stream().map(Slot::key).toList(),
					this.engine.keys().tombstone(this.name));
	}

	// Waiting

	/** Grants it if it is first everywhere; else sees to it that the news will come. */
	void settle() {
		Ticket ticket = this.ticket;
		if (this.state != State.WAITING || ticket == null) {
			return;
		}
		if (this.slots.stream().allMatch(Slot::first)) {
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
			if (this.mode == LockMode.SHARED) {
				slot.line().watchArrivals();
			}
			else {
				slot.line().watch(0);
			}
			if (slot.line().gapAfter(slot.base())) {
				read(slot);
			}
		}
		this.lines.rememberToRead(this);
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
		if (!change.key().equals(slot.key())) {
			slot.changed(change, this.mode);
		}
		else if (change.deleted()) {
			vanished("its key was deleted from etcd");
		}
	}

	boolean has(WaitLine line, ByteString key) {
		return slot(line).key().equals(key);
	}

	private Slot slot(WaitLine line) {
		return this.slots.get(this.in.indexOf(line));
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
			.range(this.requests.read(slot, this.revision, this.state == State.HELD, this.mode),
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
			slot.read(response.getKvsList(), this.revision, response.getHeader().getRevision(), this.mode);
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
		Tenure tenure = new Tenure(this.engine, this.lines, this);
		this.tenure = tenure;
		tenure.give(ticket);
	}

	// Ending

	/** Goes to another ticket of the same kind, or nobody. */
	void leftTo(@Nullable Ticket heir) {
		this.ticket = heir;
		if (heir == null && this.state == State.WAITING) {
			release((held) -> {
			});
		}
		settle();
	}

	/**
	 * Deletes its keys. The lines go on at the first answer or failure; what is open then
	 * is the reaper's.
	 * @param done is told whether the keys were there until now, as far as that is known
	 */
	void release(Consumer<Boolean> done) {
		ending();
		TxnRequest request = release();
		this.engine.batches().send(request, this.in, this.engine.store().deadline(), (response, revision) -> {
			if (!response.getSucceeded() && this.slots.size() > 1) {
				deleteEach();
			}
			done.accept(response.getSucceeded());
			over();
		}, (failure) -> {
			over();
			this.engine.reaper().end(this.session, request, () -> done.accept(true));
		});
	}

	void ending() {
		this.state = State.ENDING;
	}

	/** Leaves the lines, which go on without it. */
	void over() {
		if (this.state != State.OVER) {
			this.state = State.OVER;
			this.session.remove(this);
			this.in.forEach((line) -> line.remove(this));
			this.lines.advance(this.in);
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
		this.mode = LockMode.SHARED;
		TxnRequest request = this.requests.downgrade(this.revision);
		long deadline = this.engine.store().deadline();
		this.engine.batches()
			.send(request, this.in, deadline, (response, revision) -> downgraded(response, answered), (first) -> {
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
			this.lines.advance(this.in);
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
			this.mode = LockMode.EXCLUSIVE;
		}
		this.lines.advance(this.in);
		failed.accept(failure);
	}

	void revocationAsked(Revocation revocation) {
		if (this.state == State.HELD && revocation.revision() == this.revision
				&& this.slots.stream().anyMatch((slot) -> slot.key().equals(revocation.key()))) {
			holders().forEach(HeldLock::revocationAsked);
		}
	}

}
