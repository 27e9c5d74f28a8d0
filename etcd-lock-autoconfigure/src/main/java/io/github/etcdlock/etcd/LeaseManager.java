package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ValueFormat;
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

	private final AuthToken token;

	private final Engine engine;

	private final Sessions sessions;

	private final Lines lines;

	private final Queues queues;

	private final Source source = new Source();

	private final LockTemplate template;

	private final Waits waits;

	private final Registry registry;

	private final Candidates candidates;

	private final AtomicBoolean ticking = new AtomicBoolean();

	private final AtomicBoolean closing = new AtomicBoolean();

	/**
	 * Creates the engine; connects to nothing yet.
	 * @param connection how to reach etcd
	 * @param settings the defaults
	 * @param listeners who is told what happens to locks, in order
	 */
	public LeaseManager(EtcdConnection connection, LockSettings settings, List<LockListener> listeners) {
		this(connection, settings, listeners, EnclosingTransaction.NONE, List.of());
	}

	/**
	 * Creates the engine; connects to nothing yet.
	 * @param connection how to reach etcd
	 * @param settings the defaults
	 * @param listeners who is told what happens to locks, in order
	 * @param transaction what the end of a lock waits for
	 * @param interceptors who sees the requests to etcd
	 */
	public LeaseManager(EtcdConnection connection, LockSettings settings, List<LockListener> listeners,
			EnclosingTransaction transaction, List<ClientInterceptor> interceptors) {
		this(connection, settings, listeners, transaction, interceptors, new Clock(), Layout.CURRENT);
	}

	LeaseManager(EtcdConnection connection, LockSettings settings, List<LockListener> listeners,
			EnclosingTransaction transaction, List<ClientInterceptor> interceptors, Clock clock, Layout layout) {
		Timers timers = new Timers();
		Loop loop = new Loop(timers::relieve);
		long timeout = settings.requestTimeout().toNanos();
		this.members = new Members(connection,
				Stream.concat(Stream.of(new Deadlines(timers)), interceptors.stream()).toList());
		this.token = new AuthToken(this.members, connection, timeout / 2);
		Store store = new Store(this.members, this.token, timers, clock, timeout);
		this.engine = new Engine(settings, clock, loop, timers, store, new Batches(loop, store),
				new WatchStream(loop, this.members, this.token, store, timers, clock, timeout), new Mirrors(),
				new Renewals(loop, this.members, this.token, clock), new KeySpace(settings.keyPrefix(), layout),
				new Reaper(loop, timers, store), new Listeners(listeners, timers));
		this.sessions = new Sessions(this.engine);
		this.lines = new Lines(this.engine, this.sessions, this.members);
		this.queues = new Queues(this.engine, this.sessions);
		this.template = new ScopedLockTemplate(this.source, transaction);
		this.waits = new Waits(this.engine, this.members);
		this.registry = new Registry(this.engine, this.sessions, this.waits);
		this.candidates = new Candidates(this.engine, this.source, this.waits);
		store.whenStoreWentBack(() -> loop.run(this::storeWentBack));
	}

	/**
	 * The template on this engine.
	 * @return the template
	 */
	public LockTemplate lockTemplate() {
		return this.template;
	}

	Sessions sessions() {
		return this.sessions;
	}

	Engine engine() {
		return this.engine;
	}

	/**
	 * The recipes on this engine.
	 * @param format how values become bytes
	 * @return the recipes
	 */
	public EtcdRecipes recipes(ValueFormat format) {
		tickFromNowOn();
		Values values = new Values(format);
		Commits commits = new Commits(this.engine, this.sessions);
		return new Recipes(this.engine, this.template, this.source, this.candidates, this.queues, this.waits, values,
				this.registry, commits, new Transactions(this.engine, commits, this.waits, values));
	}

	/**
	 * Transactions of others on this engine, for writes that only a live holder can make.
	 * @param ttl how long what they leave in etcd outlives a process that dies, in whole
	 * seconds
	 * @return the transactions
	 */
	public GuardedTransactions guardedTransactions(Duration ttl) {
		tickFromNowOn();
		return new GuardedTransactions(this.engine, this.sessions, this.members, ttl);
	}

	/**
	 * Asks etcd one harmless question and reports why it could not be answered, with the
	 * gRPC and TLS causes that a queued call would hide.
	 * @throws LockUnavailableException if etcd does not answer, or refuses
	 */
	public void probe() {
		try {
			probeAsync().get(this.engine.settings().requestTimeout().toNanos() * 2, TimeUnit.NANOSECONDS);
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

	/**
	 * The same without waiting for it.
	 * @return completes when etcd has answered; fails with
	 * {@link LockUnavailableException}
	 */
	public CompletableFuture<Void> probeAsync() {
		RangeRequest request = RangeRequest.newBuilder()
			.setKey(this.engine.keys().session(0))
			.setKeysOnly(true)
			.build();
		CompletableFuture<Void> answer = new CompletableFuture<>();
		probe(request, this.members.count(), answer);
		return answer;
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

	/**
	 * What there is to do at this moment. Never waits for etcd.
	 * @return the status, which comes at once or when the step that is at work is done
	 */
	public CompletableFuture<EngineStatus> status() {
		CompletableFuture<EngineStatus> status = new CompletableFuture<>();
		this.engine.loop().run(() -> {
			List<Session> all = List.copyOf(this.sessions.all());
			int held = all.stream()
				.flatMap((session) -> session.places().stream())
				.mapToInt((place) -> (int) place.holders().stream().filter(HeldLock::ofLock).count())
				.sum();
			status.complete(new EngineStatus(held, this.lines.waiting(), all.stream().map(Session::status).toList()));
		});
		return status;
	}

	/**
	 * Shows the queues that this process uses now, and those it will use, each once or
	 * twice, on the thread that begins to.
	 * @param observer who is shown them
	 */
	public void whenQueueUsed(Consumer<QueueUse> observer) {
		this.queues.whenUsed(observer);
	}

	/**
	 * What each member of etcd says of itself.
	 * @param patience how long each is waited for
	 * @return one for each endpoint, also where it does not answer; never fails
	 */
	public CompletableFuture<List<MemberStatus>> members(Duration patience) {
		return this.members.statuses(this.token, patience.toNanos());
	}

	/**
	 * Who holds and waits for which lock.
	 * @return what reads it
	 */
	public LockCensus census() {
		return new LockCensus(this.engine, this.lines, this.sessions);
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
	 * @return whether there was such a holder; fails if etcd does not say, though it may
	 * have asked him then
	 */
	public CompletableFuture<Boolean> requestRevocation(String ownershipKey, long revision) {
		return revocation(ownershipKey, revision, false);
	}

	/**
	 * Takes a lock away from its holder, if it is still the holder, who sees it lost
	 * within a second. What it protects needs a fence.
	 * @param ownershipKey one of the holder's {@link LockHandle#ownershipKeys()}
	 * @param revision the holder's {@link LockHandle#revision()}
	 * @return whether there was such a holder; fails if etcd does not say, though the
	 * lock may be taken then
	 */
	public CompletableFuture<Boolean> forceRelease(String ownershipKey, long revision) {
		return revocation(ownershipKey, revision, true);
	}

	private CompletableFuture<Boolean> revocation(String ownershipKey, long revision, boolean force) {
		Revocation revocation = Revocation.of(this.engine.keys(), ownershipKey, revision);
		CompletableFuture<Boolean> done = new CompletableFuture<>();
		Timers timers = this.engine.timers();
		revocation
			.send(this.engine, force, (held) -> timers.callback(() -> done.complete(held)),
					(failure) -> timers.callback(() -> done.completeExceptionally(new LockUnavailableException(
							"Nobody knows whether " + LockRequest.quote(ownershipKey) + " was revoked: etcd at "
									+ this.members + " gave no usable answer (" + failure.text() + ")",
							failure.cause()))));
		return done;
	}

	private void storeWentBack() {
		logger.error("etcd at {} answered with an older revision than before: was it restored from a snapshot? "
				+ "All locks of this process are lost, and fencing tokens may repeat", this.members);
		this.sessions.all().forEach((session) -> session.lost("etcd was restored to an older state"));
		this.lines.storeWentBack();
		this.engine.mirrors().storeWentBack();
		this.queues.storeWentBack();
		this.engine.watches().storeWentBack();
	}

	/** What is never used needs no timer. */
	private void tickFromNowOn() {
		if (this.ticking.compareAndSet(false, true)) {
			this.engine.timers().every(TICK, this::tick);
		}
	}

	private void tick() {
		this.engine.loop().run(() -> {
			this.lines.tick();
			this.sessions.tick();
			this.engine.watches().tick();
			this.engine.mirrors().tick(this.engine.clock().nanos());
			this.queues.tick(this.engine.clock().nanos());
		});
	}

	/**
	 * Takes registered services out, refuses new work, lets candidates of elections
	 * resign, ends waiters, releases the handles of {@code acquire} at once and waits for
	 * running {@code execute} actions up to the shutdown timeout; then revokes the leases
	 * and closes the channels. Idempotent.
	 */
	@Override
	public void close() {
		if (!this.closing.compareAndSet(false, true)) {
			return;
		}
		this.engine.loop().run(this.registry::close);
		long end = System.nanoTime() + this.engine.settings().shutdownTimeout().toNanos();
		this.waits.confirmed(this.candidates.close(), this.engine.settings().shutdownTimeout());
		await(end - System.nanoTime(), (done) -> {
			this.lines.close();
			this.queues.close();
			List<HeldLock> held = this.sessions.all()
				.stream()
				.flatMap((session) -> session.places().stream())
				.flatMap((place) -> place.holders().stream())
				.toList();
			held.stream().filter((lock) -> !lock.scoped()).forEach(HeldLock::closeAsync);
			CompletableFuture
				.allOf(Stream.concat(Stream.of(this.queues.idle()), held.stream().map(HeldLock::ended))
					.toArray(CompletableFuture[]::new))
				.thenRun(() -> done.complete(null));
		});
		await(this.engine.settings().requestTimeout().toNanos(), (done) -> {
			this.queues.end();
			this.sessions.close();
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

	/** Places in the engine's lines, for the template and for recipes. */
	private final class Source implements LockSource, Claims {

		private final Set<String> said = ConcurrentHashMap.newKeySet();

		@Override
		public boolean news(String text) {
			return this.said.add(text);
		}

		@Override
		public Wish ask(LockRequest request, Duration wait, boolean scoped) {
			return ask(Claim.lock(request), wait, scoped);
		}

		@Override
		public Wish ask(Claim claim, Duration wait) {
			return ask(claim, wait, false);
		}

		private Wish ask(Claim claim, Duration wait, boolean scoped) {
			if (LeaseManager.this.closing.get()) {
				throw new IllegalStateException("The " + claim.text()
						+ " was asked for, but the lock manager is closed: is the application shutting down?");
			}
			tickFromNowOn();
			Duration ttl = (claim.request().ttl() != null) ? claim.request().ttl() : engine().settings().ttl();
			Ticket ticket = new Ticket(claim, ttl.toSeconds(), !wait.isZero(), scoped, engine().clock().nanos());
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
			return Duration.ofNanos(engine().settings().requestTimeout().toNanos() * 3);
		}

		@Override
		public @Nullable LockLostException loss(LockHandle lock) {
			HeldLock held = (HeldLock) lock;
			String loss = held.loss();
			return (loss != null) ? held.lossException(loss) : null;
		}

		@Override
		public Future<?> after(Duration time, Runnable step) {
			return engine().timers().after(Math.min(Long.MAX_VALUE / 2, Waits.nanos(time)), step);
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
		public String text() {
			return this.ticket.claim().text();
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
