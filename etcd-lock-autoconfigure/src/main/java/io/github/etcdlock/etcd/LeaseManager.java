package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.grpc.ClientInterceptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine: owns the channels to etcd, one lease session per TTL, and every lock of
 * this process. Nothing is connected before the first use. Safe for use by many threads.
 */
public final class LeaseManager implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LeaseManager.class);

	private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

	private final Members members;

	private final Engine engine;

	private final Sessions sessions;

	private final Lines lines;

	private final LockTemplate template;

	private final AtomicBoolean ticking = new AtomicBoolean();

	private final AtomicBoolean closing = new AtomicBoolean();

	/**
	 * Creates the engine; connects to nothing yet.
	 * @param connection how to reach etcd
	 * @param settings the defaults
	 * @param listeners who is told what happens to locks, in order
	 */
	public LeaseManager(EtcdConnection connection, LockSettings settings, List<LockListener> listeners) {
		this(connection, settings, listeners, List.of(), new Clock());
	}

	LeaseManager(EtcdConnection connection, LockSettings settings, List<LockListener> listeners,
			List<ClientInterceptor> interceptors, Clock clock) {
		Timers timers = new Timers();
		Loop loop = new Loop(timers::relieve);
		long timeout = settings.requestTimeout().toNanos();
		this.members = new Members(connection, interceptors);
		AuthToken token = (connection.username() != null)
				? new AuthToken(this.members, connection.username(), String.valueOf(connection.password()), timeout / 2)
				: null;
		Store store = new Store(this.members, token, timers, clock, timeout);
		this.engine = new Engine(settings, clock, loop, timers, store, new Batches(loop, store),
				new WatchStream(loop, this.members, token, timers, clock, timeout),
				new Renewals(loop, this.members, clock), new KeySpace(settings.keyPrefix()),
				new Reaper(loop, timers, store), new Listeners(listeners, timers));
		this.sessions = new Sessions(this.engine);
		this.lines = new Lines(this.engine, this.sessions, this.members);
		this.template = new ScopedLockTemplate(new Source());
		store.whenStoreWentBack(() -> loop.run(this::storeWentBack));
	}

	/**
	 * The template on this engine.
	 * @return the template
	 */
	public LockTemplate lockTemplate() {
		return this.template;
	}

	/**
	 * Asks etcd one harmless question and reports why it could not be answered, with the
	 * gRPC and TLS causes that a queued call would hide.
	 * @throws LockUnavailableException if etcd does not answer, or refuses
	 */
	public void probe() {
		RangeRequest request = RangeRequest.newBuilder()
			.setKey(this.engine.keys().session(0))
			.setKeysOnly(true)
			.build();
		CompletableFuture<Void> answer = new CompletableFuture<>();
		probe(request, this.members.count(), answer);
		try {
			answer.get(this.engine.settings().requestTimeout().toNanos() * 2, TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof LockUnavailableException cause) ? cause
					: new CompletionException(ex.getCause());
		}
		catch (TimeoutException ex) {
			throw new LockUnavailableException("etcd at " + this.members + " did not answer in time", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockUnavailableException("Interrupted while etcd at " + this.members + " was asked", ex);
		}
	}

	private void probe(RangeRequest request, int members, CompletableFuture<Void> answer) {
		this.engine.store()
			.probe(request, this.engine.store().deadline(), (response) -> answer.complete(null), (failure) -> {
				if (failure.passing() && members > 1) {
					probe(request, members - 1, answer);
				}
				else {
					answer.completeExceptionally(new LockUnavailableException(
							"etcd at " + this.members + " gave no usable answer (" + failure.text() + ")",
							failure.cause()));
				}
			});
	}

	/** Opens new channels with the current TLS material; locks survive it. */
	public void reconnect() {
		this.engine.loop().run(() -> {
			this.members.reopen();
			this.engine.renewals().moveOn();
			this.engine.watches().tick();
		});
	}

	/**
	 * Asks the holder of a lock to give it up, if it is still the holder; whether and
	 * when it does is up to it.
	 * @param ownershipKey one of the holder's {@link LockHandle#ownershipKeys()}
	 * @param revision the holder's {@link LockHandle#revision()}
	 * @return whether there was such a holder; fails if etcd cannot be asked
	 */
	public CompletableFuture<Boolean> requestRevocation(String ownershipKey, long revision) {
		return revocation(ownershipKey, revision, false);
	}

	/**
	 * Takes a lock away from its holder, if it is still the holder, who sees it lost
	 * within a second. What it protects needs a fence.
	 * @param ownershipKey one of the holder's {@link LockHandle#ownershipKeys()}
	 * @param revision the holder's {@link LockHandle#revision()}
	 * @return whether there was such a holder; fails if etcd cannot be asked
	 */
	public CompletableFuture<Boolean> forceRelease(String ownershipKey, long revision) {
		return revocation(ownershipKey, revision, true);
	}

	private CompletableFuture<Boolean> revocation(String ownershipKey, long revision, boolean force) {
		Revocation revocation = Revocation.of(ownershipKey, revision);
		CompletableFuture<Boolean> done = new CompletableFuture<>();
		this.engine.store()
			.repeatTxn(force ? revocation.force() : revocation.ask(this.engine.keys()), this.engine.store().deadline(),
					(response) -> this.engine.timers().callback(() -> done.complete(response.getSucceeded())), (
							failure) -> this.engine.timers()
								.callback(() -> done.completeExceptionally(new LockUnavailableException(
										"Could not revoke " + LockRequest.quote(ownershipKey) + ": etcd at "
												+ this.members + " gave no usable answer (" + failure.text() + ")",
										failure.cause()))));
		return done;
	}

	private void storeWentBack() {
		logger.error("etcd at {} answered with an older revision than before: was it restored from a snapshot? "
				+ "All locks of this process are lost, and fencing tokens may repeat", this.members);
		this.sessions.all().forEach((session) -> session.lost("etcd was restored to an older state"));
		this.lines.storeWentBack();
		this.engine.watches().storeWentBack();
	}

	private void tick() {
		this.engine.loop().run(() -> {
			this.lines.tick();
			this.sessions.tick();
			this.engine.watches().tick();
		});
	}

	/**
	 * Refuses new work, ends waiters, releases the handles of {@code acquire} at once and
	 * waits for running {@code execute} actions up to the shutdown timeout; then revokes
	 * the leases and closes the channels. Idempotent.
	 */
	@Override
	public void close() {
		if (!this.closing.compareAndSet(false, true)) {
			return;
		}
		await(this.engine.settings().shutdownTimeout().toNanos(), (done) -> {
			this.lines.close();
			List<HeldLock> held = this.sessions.all()
				.stream()
				.flatMap((session) -> session.places().stream())
				.flatMap((place) -> place.holders().stream())
				.toList();
			held.stream().filter((lock) -> !lock.scoped()).forEach(HeldLock::closeAsync);
			CompletableFuture.allOf(held.stream().map(HeldLock::ended).toArray(CompletableFuture[]::new))
				.thenRun(() -> done.complete(null));
		});
		await(this.engine.settings().requestTimeout().toNanos(), (done) -> {
			this.sessions.all().forEach(Session::close);
			this.engine.reaper().whenDone(() -> done.complete(null));
		});
		this.engine.store().close();
		this.engine.loop().run(() -> {
			this.engine.watches().close();
			this.engine.renewals().close();
		});
		this.members.close();
		this.engine.timers().close();
	}

	private interface Step {

		void run(CompletableFuture<Void> done);

	}

	/** Runs a step on the loop and waits until it is done, or the time is over. */
	private void await(long nanos, Step step) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		this.engine.loop().run(() -> step.run(done));
		long end = System.nanoTime() + nanos;
		boolean interrupted = false;
		while (true) {
			try {
				done.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
				break;
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
			catch (ExecutionException | TimeoutException ex) {
				logger.debug("Closing goes on without waiting any longer", ex);
				break;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Locks of the engine, for the template. */
	private final class Source implements LockSource {

		@Override
		public Wish ask(LockRequest request, Duration wait, boolean scoped) {
			if (LeaseManager.this.closing.get()) {
				throw new IllegalStateException("The lock " + request.quotedKeys()
						+ " was asked for, but the lock manager is closed: is the application shutting down?");
			}
			if (LeaseManager.this.ticking.compareAndSet(false, true)) {
				engine().timers().every(TICK, LeaseManager.this::tick);
			}
			Duration ttl = (request.ttl() != null) ? request.ttl() : engine().settings().ttl();
			Ticket ticket = new Ticket(request, ttl.toSeconds(), !wait.isZero(), scoped, engine().clock().nanos());
			engine().loop().run(() -> LeaseManager.this.lines.enter(ticket));
			return new TicketWish(ticket);
		}

		private Engine engine() {
			return LeaseManager.this.engine;
		}

		@Override
		public Duration defaultWait() {
			return engine().settings().waitTime();
		}

		@Override
		public Duration patience() {
			return engine().settings().requestTimeout().multipliedBy(3);
		}

		@Override
		public @Nullable LockLostException loss(LockHandle lock) {
			HeldLock held = (HeldLock) lock;
			String loss = held.loss();
			return (loss != null) ? held.lossException(loss) : null;
		}

		@Override
		public Future<?> after(Duration time, Runnable step) {
			return engine().timers().after((time.toDays() > 10_000) ? Long.MAX_VALUE / 2 : time.toNanos(), step);
		}

		@Override
		public void callback(Runnable code) {
			engine().timers().callback(code);
		}

	}

	private final class TicketWish implements LockSource.Wish {

		private final Ticket ticket;

		TicketWish(Ticket ticket) {
			this.ticket = ticket;
		}

		@Override
		public CompletableFuture<? extends @Nullable LockHandle> outcome() {
			return this.ticket.outcome();
		}

		@Override
		public void expire() {
			LeaseManager.this.engine.loop().run(() -> LeaseManager.this.lines.expire(this.ticket));
		}

		@Override
		public void leave() {
			LeaseManager.this.engine.loop().run(() -> LeaseManager.this.lines.leave(this.ticket));
		}

	}

}
