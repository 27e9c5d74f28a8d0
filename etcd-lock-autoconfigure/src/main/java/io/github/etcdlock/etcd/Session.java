package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that this process keeps alive, and everything that hangs on it. Changes on the
 * loop; {@link #proven()} may be asked anywhere.
 */
final class Session {

	private static final Logger logger = LoggerFactory.getLogger(Session.class);

	private static final long MAX_MARGIN = TimeUnit.SECONDS.toNanos(1);

	private static final long MIN_PATIENCE = TimeUnit.MILLISECONDS.toNanos(200);

	private static final long MAX_PATIENCE = TimeUnit.SECONDS.toNanos(1);

	/** How far a session has come. */
	enum State {

		/** The lease is asked for: becomes ACTIVE or LOST. */
		STARTING,

		/** Renewed in time: becomes SUSPENDED, LOST or CLOSED. */
		ACTIVE,

		/** A renewal is overdue: becomes ACTIVE when one is answered, else LOST. */
		SUSPENDED,

		/** Expired, revoked by others or never granted. Final; its locks are lost. */
		LOST,

		/** Revoked by us. Final. */
		CLOSED

	}

	/** What waits for the lease. */
	interface Starter {

		void started();

		void failed(EtcdFailure failure);

	}

	/** What is lost with the session, beside places. Called on the loop. */
	interface Tied {

		void sessionLost(String reason);

	}

	private final Engine engine;

	private final long ttl;

	private final Consumer<Session> whenOver;

	private final long lease;

	/** What all names of this session begin with. */
	private final String name;

	private final Sentinel sentinel;

	private final Audit audit;

	private final long margin;

	private final long patience;

	private final Set<Place> places = new LinkedHashSet<>();

	private final Set<Tied> tied = new LinkedHashSet<>();

	private final List<Starter> starters = new ArrayList<>();

	private final List<Runnable> whenEnded = new ArrayList<>();

	private final long startDeadline;

	private volatile State state = State.STARTING;

	private volatile long provenUntil;

	private volatile long wallAhead;

	private long lastSent;

	private boolean unanswered;

	private boolean rush;

	private int grants;

	private boolean granting;

	private boolean maybeGranted;

	private boolean leased;

	private int reaping;

	private boolean kept;

	/** When what hangs on it, or is under way, changed last. */
	private long changedAt;

	private boolean gone;

	private final PlaceNames names = new PlaceNames(this);

	private long serial;

	private @Nullable Future<?> timer;

	Session(Engine engine, long ttlSeconds, Consumer<Session> whenOver) {
		this.engine = engine;
		this.ttl = TimeUnit.SECONDS.toNanos(ttlSeconds);
		this.whenOver = whenOver;
		this.lease = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
		this.name = Long.toHexString(this.lease) + "-";
		this.margin = Math.min(MAX_MARGIN, this.ttl / 10);
		this.patience = Math.max(MIN_PATIENCE, Math.min(MAX_PATIENCE, this.ttl / 9));
		this.startDeadline = engine.store().deadline();
		this.sentinel = new Sentinel(engine, this, this.patience);
		this.audit = new Audit(engine, this);
		this.changedAt = engine.clock().nanos();
	}

	long lease() {
		return this.lease;
	}

	State state() {
		return this.state;
	}

	long ttlSeconds() {
		return TimeUnit.NANOSECONDS.toSeconds(this.ttl);
	}

	/** How long the lease can be relied on from now, in nanoseconds. */
	long provenFor() {
		return this.provenUntil - this.engine.clock().nanos();
	}

	/** Whether it is certain, at this moment, that etcd still has the lease. */
	boolean proven() {
		State state = this.state;
		return (state == State.ACTIVE || state == State.SUSPENDED) && provenFor() > 0 && !machineSlept();
	}

	/** Whether etcd may be about to grant the lease. */
	boolean granting() {
		return this.granting;
	}

	/** Whether nothing of it can be left in etcd. */
	boolean gone() {
		return this.gone;
	}

	boolean over() {
		return this.state == State.LOST || this.state == State.CLOSED;
	}

	EngineStatus.SessionStatus status() {
		return new EngineStatus.SessionStatus(this.state.name(), Duration.ofNanos(this.ttl),
				Duration.ofNanos((this.state == State.STARTING) ? 0 : provenFor()), this.places.size());
	}

	/** How its places are called. */
	PlaceNames names() {
		return this.names;
	}

	/** A number that nothing else of this session ever has. */
	long nextSerial() {
		return ++this.serial;
	}

	/** A name that nothing else of any process ever has. */
	String unique() {
		return nameOf(Long.toHexString(nextSerial()));
	}

	String nameOf(String part) {
		return this.name + part;
	}

	private boolean machineSlept() {
		return this.engine.clock().wallAhead() - this.wallAhead > this.margin;
	}

	// Beginning

	void whenStarted(Starter starter) {
		switch (this.state) {
			case STARTING -> this.starters.add(starter);
			case ACTIVE, SUSPENDED -> starter.started();
			case LOST, CLOSED -> starter.failed(EtcdFailure.closed());
		}
	}

	void start() {
		long sent = this.engine.clock().nanos();
		long wallAhead = this.engine.clock().wallAhead();
		LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setID(this.lease).setTTL(ttlSeconds()).build();
		this.granting = true;
		this.engine.store()
			.grant(request, this.startDeadline,
					(response) -> this.engine.loop().run(() -> granted(response, sent, wallAhead)),
					(failure) -> this.engine.loop().run(() -> notGranted(failure)));
	}

	private void granted(LeaseGrantResponse response, long sent, long wallAhead) {
		this.granting = false;
		if (this.state == State.STARTING) {
			this.lastSent = sent;
			leased(sent, wallAhead, response.getTTL());
		}
		else if (over()) {
			this.engine.reaper().revoke(this);
		}
	}

	private void notGranted(EtcdFailure failure) {
		this.granting = false;
		if (this.state != State.STARTING) {
			return;
		}
		long pause = this.engine.store().pause(this.grants++);
		this.maybeGranted |= failure.applied();
		if (failure.leaseExists()) {
			// An earlier attempt got through; when is not known, so renew before use.
			renew();
		}
		else if (failure.passing() && this.engine.clock().nanos() + pause < this.startDeadline) {
			this.engine.later(pause, this::start);
		}
		else {
			notStarted(failure);
		}
	}

	private void notStarted(EtcdFailure failure) {
		this.state = State.LOST;
		this.whenOver.accept(this);
		if (this.maybeGranted) {
			this.engine.reaper().revoke(this);
		}
		List<Starter> waiting = List.copyOf(this.starters);
		this.starters.clear();
		waiting.forEach((starter) -> starter.failed(failure));
	}

	/** The lease is there; it is used once the session has shown itself to others. */
	private void leased(long sent, long wallAhead, long grantedTtl) {
		boolean first = !this.leased;
		this.leased = true;
		this.maybeGranted = true;
		this.provenUntil = sent + Math.min(this.ttl, TimeUnit.SECONDS.toNanos(grantedTtl)) - this.margin;
		this.wallAhead = wallAhead;
		if (first) {
			this.sentinel.put(this.startDeadline);
		}
		schedule();
	}

	/** Its key is there, and nobody is who could not share the locks with us. */
	void entered() {
		if (this.state == State.STARTING) {
			this.state = State.ACTIVE;
			schedule();
			List<Starter> waiting = List.copyOf(this.starters);
			this.starters.clear();
			waiting.forEach(Starter::started);
		}
	}

	void notEntered(EtcdFailure failure) {
		if (this.state == State.STARTING) {
			notStarted(failure);
		}
	}

	// Renewal

	private void renew() {
		this.lastSent = this.engine.clock().nanos();
		this.unanswered = true;
		this.rush = false;
		this.engine.renewals().renew(this);
		schedule();
	}

	void renewed(long sent, long wallAhead, long grantedTtl) {
		if (this.state == State.STARTING) {
			leased(sent, wallAhead, grantedTtl);
			return;
		}
		if (over()) {
			return;
		}
		long until = sent + Math.min(this.ttl, TimeUnit.SECONDS.toNanos(grantedTtl)) - this.margin;
		if (until - this.provenUntil >= 0) {
			this.provenUntil = until;
			this.wallAhead = wallAhead;
		}
		if (sent - this.lastSent >= 0) {
			this.unanswered = false;
		}
		this.state = State.ACTIVE;
		schedule();
		List.copyOf(this.places).forEach(Place::settle);
	}

	/** The stream ended before the answer: ask again soon, on another. */
	void renewalFailed() {
		this.rush = true;
		schedule();
	}

	private void schedule() {
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		long next = this.lastSent + (this.rush ? MIN_PATIENCE / 2 : this.unanswered ? this.patience : this.ttl / 3);
		long end = (this.state == State.STARTING) ? this.startDeadline : this.provenUntil;
		long wait = Math.min(next, end) - this.engine.clock().nanos();
		this.timer = this.engine.timers().after(Math.max(0, wait), () -> this.engine.loop().run(this::due));
	}

	private void due() {
		long now = this.engine.clock().nanos();
		if (over()) {
			return;
		}
		if (this.state == State.STARTING) {
			if (now - this.startDeadline >= 0) {
				notGranted(new EtcdFailure(Status.DEADLINE_EXCEEDED, true));
				return;
			}
		}
		else if (now - this.provenUntil >= 0) {
			lost("no renewal was answered in time");
			return;
		}
		long since = now - this.lastSent;
		if (this.unanswered && since >= this.patience) {
			if (this.state == State.ACTIVE) {
				this.state = State.SUSPENDED;
			}
			this.engine.renewals().moveOn();
			renew();
		}
		else if (this.rush || since >= this.ttl / 3) {
			renew();
		}
		else {
			schedule();
		}
	}

	/**
	 * Looks after what hangs on the lease, and renews at once where the machine seems to
	 * have slept.
	 */
	void tick() {
		if (this.state == State.ACTIVE) {
			this.audit.tick();
		}
		if ((this.state == State.ACTIVE || this.state == State.SUSPENDED) && machineSlept()
				&& !(this.unanswered && this.state == State.SUSPENDED)) {
			logger.info("The wall clock is ahead of the monotonic one: was the machine suspended? Renewing");
			this.state = State.SUSPENDED;
			renew();
		}
	}

	void revocationAsked(Revocation revocation) {
		List.copyOf(this.places).forEach((place) -> place.revocationAsked(revocation));
	}

	// End

	void add(Place place) {
		this.places.add(place);
		touch();
	}

	void remove(Place place) {
		this.places.remove(place);
		touch();
	}

	Set<Place> places() {
		return this.places;
	}

	void tie(Tied user) {
		this.tied.add(user);
		touch();
	}

	void untie(Tied user) {
		this.tied.remove(user);
		touch();
	}

	/** Counts what is under way on its lease. */
	void reaping(int change) {
		this.reaping += change;
		touch();
	}

	/** It is used at this moment. */
	void touch() {
		this.changedAt = this.engine.clock().nanos();
	}

	long changedAt() {
		return this.changedAt;
	}

	/** Tells when it is lost or closed. */
	void whenOver(Runnable action) {
		this.whenEnded.add(action);
	}

	/** Something hangs on it that stays for as long as it does. */
	void keep() {
		this.kept = true;
	}

	/** Whether nothing has used it for so long. */
	boolean idleFor(long nanos) {
		return this.state == State.ACTIVE && this.places.isEmpty() && this.tied.isEmpty() && this.reaping == 0
				&& !this.kept && this.engine.clock().nanos() - this.changedAt > nanos;
	}

	/** Loses the session and with it every place. Final. */
	void lost(String reason) {
		if (over()) {
			return;
		}
		boolean starting = this.state == State.STARTING;
		end(State.LOST);
		if (!starting) {
			logger.warn("The lock session {} with a TTL of {} s is lost: {}. Its {} locks are lost", this.sentinel,
					ttlSeconds(), reason, this.places.size() + this.tied.size());
		}
		tellLoss(reason);
		this.engine.reaper().revokeAfterCallbacks(this);
	}

	/** Sees whether we may still do what a release needs. */
	void checkRights() {
		this.sentinel.checkRights();
	}

	/**
	 * etcd no longer lets us change our keys. The lease could be renewed for ever, but
	 * its keys could never be deleted: it has to expire.
	 */
	void denied(EtcdFailure failure) {
		lost("etcd refuses access to its keys (" + failure.text() + "), so they stay until its lease expires; "
				+ "grant the etcd user of this application readwrite on the key prefix");
	}

	/** etcd has said that it does not know the lease. */
	void leaseGone() {
		lost("etcd no longer knows its lease");
	}

	/** Never begins: it is too late. */
	void refuse() {
		this.state = State.CLOSED;
	}

	/** Gives the lease back. */
	void close() {
		if (!over()) {
			end(State.CLOSED);
			this.engine.reaper().revoke(this);
			tellLoss("the lock manager was closed");
		}
	}

	private void tellLoss(String reason) {
		List.copyOf(this.places).forEach((place) -> place.sessionLost(reason));
		List.copyOf(this.tied).forEach((user) -> user.sessionLost(reason));
	}

	private void end(State state) {
		this.state = state;
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		this.sentinel.close();
		this.whenOver.accept(this);
		List<Starter> waiting = List.copyOf(this.starters);
		this.starters.clear();
		waiting.forEach((starter) -> starter.failed(EtcdFailure.closed()));
		List.copyOf(this.whenEnded).forEach(Runnable::run);
	}

	void revoked() {
		this.gone = true;
	}

	@Override
	public String toString() {
		return this.sentinel.toString();
	}

}
