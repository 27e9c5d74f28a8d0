package io.github.etcdlock.etcd;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.Candidate;
import io.github.etcdlock.recipe.LeadershipListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in an election for as long as it is wanted: after each loss it campaigns again.
 * Its steps, and what it tells the listener, come one after the other.
 */
final class StandingCandidate implements Candidate {

	private static final Logger logger = LoggerFactory.getLogger(StandingCandidate.class);

	private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

	private final Engine engine;

	private final Claims claims;

	private final Waits waits;

	private final Claim claim;

	private final LeadershipListener listener;

	private final Consumer<StandingCandidate> whenEnded;

	private final Loop order;

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private LockSource.@Nullable Wish wish;

	private volatile @Nullable LockHandle leadership;

	/** Who is telling the listener something. */
	private volatile @Nullable Thread telling;

	private volatile boolean closed;

	StandingCandidate(Engine engine, Claims claims, Waits waits, Claim claim, LeadershipListener listener,
			Consumer<StandingCandidate> whenEnded) {
		this.engine = engine;
		this.claims = claims;
		this.waits = waits;
		this.claim = claim;
		this.listener = listener;
		this.whenEnded = whenEnded;
		this.order = new Loop(engine.timers().callbacks());
	}

	void begin() {
		this.order.enqueue(this::campaign);
	}

	private void campaign() {
		if (this.closed) {
			return;
		}
		LockSource.Wish wish;
		try {
			wish = this.claims.ask(this.claim, LineElection.FOR_EVER);
		}
		catch (IllegalStateException ex) {
			// This candidate is told to end in a moment.
			logger.debug("The lock manager is closing", ex);
			return;
		}
		this.wish = wish;
		wish.outcome().whenComplete((lock, failure) -> this.order.enqueue(() -> answered(lock, failure)));
	}

	private void answered(@Nullable LockHandle lock, @Nullable Throwable failure) {
		this.wish = null;
		if (lock == null && this.closed) {
			return;
		}
		if (lock == null) {
			logger.debug("The campaign for the {} goes on after a pause", this.claim.text(), failure);
			this.engine.timers().after(PAUSE, () -> this.order.enqueue(this::campaign));
		}
		else if (this.closed) {
			lock.closeAsync();
		}
		else {
			this.leadership = lock;
			lock.onLost(() -> this.order.enqueue(() -> {
				deposed(lock);
				campaign();
			}));
			tell(() -> this.listener.onElected(lock));
		}
	}

	private void deposed(LockHandle lock) {
		if (lock == this.leadership) {
			this.leadership = null;
			tell(() -> this.listener.onDeposed(lock));
		}
	}

	private void tell(Runnable news) {
		this.telling = Thread.currentThread();
		try {
			news.run();
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener of the {} failed: {}", this.claim.text(), this.listener.getClass().getName(), ex);
		}
		finally {
			this.telling = null;
		}
	}

	@Override
	public Optional<LockHandle> leadership() {
		return Optional.ofNullable(this.leadership).filter(LockHandle::isHeld);
	}

	@Override
	public void close() {
		if (this.telling == Thread.currentThread()) {
			// Its own listener: nothing else is told before that returns.
			this.closed = true;
			resign();
			return;
		}
		this.waits.confirmed(end(), this.engine.settings().shutdownTimeout());
	}

	/**
	 * Stands no longer.
	 * @return completes when the listener knows, and the leadership is given up
	 */
	CompletableFuture<Void> end() {
		this.closed = true;
		this.order.enqueue(this::resign);
		return this.ended;
	}

	/** Whoever is told stops its work before another can lead. */
	private void resign() {
		LockHandle lock = this.leadership;
		if (this.wish != null) {
			this.wish.leave();
		}
		if (lock != null) {
			deposed(lock);
			lock.close();
		}
		this.whenEnded.accept(this);
		this.ended.complete(null);
	}

}
