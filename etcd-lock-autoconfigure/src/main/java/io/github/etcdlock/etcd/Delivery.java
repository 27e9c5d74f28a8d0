package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.etcd.QueueUse.Outcome;
import org.jspecify.annotations.Nullable;

/** One delivery of an item of work to this process: a claim that hangs on its lease. */
final class Delivery implements LockHandle, Session.Tied {

	private final WorkItems queue;

	private final ByteString name;

	private final Pointer pointer;

	private final int delivery;

	private final long revision;

	private final Session session;

	private final ByteString value;

	private final long since;

	private final ReentrantLock guard = new ReentrantLock();

	private final List<Runnable> whenLost = new ArrayList<>(1);

	/** How it ends; null while it is held. */
	private volatile @Nullable Ending ending;

	private volatile @Nullable String loss;

	private volatile long until = Long.MIN_VALUE;

	Delivery(WorkItems queue, ByteString name, KeyValue stored, long revision, Session session, ByteString value) {
		this.queue = queue;
		this.name = name;
		this.pointer = Pointer.parse(stored.getValue());
		this.delivery = this.pointer.base() + (int) stored.getVersion();
		this.revision = revision;
		this.session = session;
		this.value = value;
		this.since = queue.engine().clock().nanos();
	}

	ByteString claim() {
		return this.queue.keys().claim(this.name);
	}

	ByteString value() {
		return this.value;
	}

	String id() {
		return this.pointer.id();
	}

	private String quotedId() {
		return LockRequest.quote(WorkKeys.shown(id()));
	}

	/** How often the item was delivered, this time included. */
	int delivery() {
		return this.delivery;
	}

	// How it ends

	CompletableFuture<Boolean> ack() {
		return end("acknowledged", Outcome.ACKNOWLEDGED,
				own().addSuccess(Slot.delete(ready())).addSuccess(Slot.delete(valueKey())));
	}

	CompletableFuture<Boolean> nack(Duration delay) {
		if (this.delivery >= this.queue.maxDeliveries()) {
			return bury("given back after delivery " + this.delivery + ", the last one");
		}
		TxnRequest.Builder end = own();
		if (!delay.isZero()) {
			String due = this.queue.names().in(Waits.nanos(delay));
			end.addSuccess(Slot.delete(ready()))
				.addSuccess(WorkKeys.put(this.queue.keys().delayed(due, this.name), counted(this.delivery)));
		}
		return end("given back", Outcome.RETURNED, end);
	}

	/** Makes it a dead letter. */
	CompletableFuture<Boolean> bury(String reason) {
		ByteString letter = Letter.stored(this.delivery, this.name, reason);
		return end("made a dead letter", Outcome.DEAD,
				own().addSuccess(Slot.delete(ready())).addSuccess(WorkKeys.put(this.queue.keys().dead(id()), letter)));
	}

	/** Gives it back as if it had not been delivered. */
	void undeliver() {
		// To put the key once more counts too.
		end("given back", null,
				own().addSuccess(WorkKeys.put(ready(), new Pointer(this.pointer.base() - 2, id()).stored())));
	}

	/** Forgets an item without a value. */
	void drop() {
		end("dropped", null, own().addSuccess(Slot.delete(ready())));
	}

	private ByteString counted(int deliveries) {
		return new Pointer(deliveries, id()).stored();
	}

	private ByteString ready() {
		return this.queue.keys().ready(this.name);
	}

	private ByteString valueKey() {
		return this.queue.keys().value(id());
	}

	private TxnRequest.Builder own() {
		return TxnRequest.newBuilder()
			.addCompare(Slot.createdAt(claim(), this.revision))
			.addSuccess(Slot.delete(claim()));
	}

	/**
	 * Begins to end it.
	 * @return completes with whether it was held until now
	 */
	private CompletableFuture<Boolean> end(String how, @Nullable Outcome outcome, TxnRequest.Builder request) {
		Ending begun = new Ending(how, outcome, request.build());
		this.guard.lock();
		try {
			Ending earlier = this.ending;
			if (earlier != null) {
				throw new IllegalStateException(
						"The item " + quotedId() + " of the " + this.queue.text() + " was already " + earlier.how);
			}
			String lost = this.loss;
			if (lost != null) {
				throw lossException(lost);
			}
			this.ending = begun;
			this.until = this.queue.engine().clock().nanos();
		}
		finally {
			this.guard.unlock();
		}
		this.queue.send(begun);
		return begun.outcome;
	}

	LockLostException lossException(String reason) {
		return new LockLostException("The item " + quotedId() + " of the " + this.queue.text() + " was lost after "
				+ Ticket.show(heldFor()) + ": " + reason + ". Others have received it since, or will; what the work "
				+ "changes must refuse the fencing token " + fencingToken());
	}

	// Loss; on the loop

	@Override
	public void sessionLost(String reason) {
		lost(reason);
	}

	/** Its claim is not in etcd any more. */
	void gone() {
		if (this.ending == null) {
			lost("its claim was deleted from etcd");
		}
	}

	private void lost(String reason) {
		List<Runnable> actions;
		over();
		this.guard.lock();
		try {
			if (this.loss != null || this.ending != null) {
				return;
			}
			this.loss = reason;
			this.until = this.queue.engine().clock().nanos();
			actions = List.copyOf(this.whenLost);
			this.queue.use().ended(Outcome.LOST);
		}
		finally {
			this.guard.unlock();
		}
		actions.forEach(this.queue.engine().timers()::callback);
	}

	private void over() {
		this.session.untie(this);
		this.queue.ended(this);
	}

	/** The request that ends it, repeated until etcd has answered. */
	private final class Ending implements Once {

		private final String how;

		private final @Nullable Outcome counted;

		private final TxnRequest request;

		private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();

		Ending(String how, @Nullable Outcome counted, TxnRequest request) {
			this.how = how;
			this.counted = counted;
			this.request = request;
		}

		@Override
		public TxnRequest request(Session session) {
			return this.request;
		}

		@Override
		public void answered(TxnResponse response, long revision) {
			ended(response);
			this.outcome.complete(response.getSucceeded());
		}

		@Override
		public void failed(EtcdFailure failure) {
			this.outcome.completeExceptionally(failure.unanswered());
		}

		@Override
		public void late(TxnResponse response, long revision) {
			ended(response);
		}

		private void ended(TxnResponse response) {
			over();
			if (this.counted != null) {
				Delivery.this.queue.use().ended(response.getSucceeded() ? this.counted : Outcome.LOST);
			}
		}

		/** The guard is for this delivery only, so it may be sent again. */
		@Override
		public void never() {
			if (Delivery.this.session.over()) {
				over();
			}
			else {
				Engine engine = Delivery.this.queue.engine();
				engine.later(engine.settings().requestTimeout().toNanos() / 4, () -> Delivery.this.queue.send(this));
			}
		}

		@Override
		public void unknown() {
			never();
		}

	}

	// The handle

	@Override
	public List<String> keys() {
		return List.of(WorkKeys.shown(id()));
	}

	@Override
	public LockMode mode() {
		return LockMode.EXCLUSIVE;
	}

	@Override
	public long fencingToken() {
		return this.revision * Turn.TOKENS;
	}

	@Override
	public List<String> ownershipKeys() {
		return List.of(claim().toStringUtf8());
	}

	@Override
	public long revision() {
		return this.revision;
	}

	@Override
	public boolean isHeld() {
		return this.until == Long.MIN_VALUE && this.session.proven();
	}

	@Override
	public Duration heldFor() {
		long end = this.until;
		return Duration.ofNanos(((end == Long.MIN_VALUE) ? this.queue.engine().clock().nanos() : end) - this.since);
	}

	@Override
	public void onLost(Runnable action) {
		if (action == null) {
			throw new IllegalArgumentException("The action to run when an item is lost must not be null");
		}
		boolean lost;
		this.guard.lock();
		try {
			lost = this.loss != null;
			if (!lost && this.ending == null) {
				this.whenLost.add(action);
			}
		}
		finally {
			this.guard.unlock();
		}
		if (lost) {
			this.queue.engine().timers().callback(action);
		}
	}

	@Override
	public void close() {
		closeAsync().orTimeout(this.queue.engine().settings().requestTimeout().toNanos(), TimeUnit.NANOSECONDS)
			.exceptionally((failure) -> null)
			.join();
	}

	@Override
	public CompletableFuture<Void> closeAsync() {
		CompletableFuture<Void> done = new CompletableFuture<>();
		try {
			nack(Duration.ZERO)
				.whenComplete((held, failure) -> this.queue.engine().timers().callback(() -> done.complete(null)));
		}
		catch (IllegalStateException | EtcdLockException ex) {
			// It is over already.
			done.complete(null);
		}
		return done;
	}

	@Override
	public String toString() {
		return "the item " + quotedId() + " of the " + this.queue.text() + " (delivery " + this.delivery + ")";
	}

}
