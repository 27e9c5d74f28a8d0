package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.aop.LeaderOnlyMethods;
import io.github.etcdlock.aop.Leaderships;
import io.github.etcdlock.event.LeadershipEvent;
import io.github.etcdlock.recipe.Candidate;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.LeadershipListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Stands, while the application runs, in every election that a method marked with
 * {@link io.github.etcdlock.LeaderOnly} names. Without an etcd this instance is the only
 * one, and leads.
 */
final class LeaderCandidates implements Leaderships, SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(LeaderCandidates.class);

	private final Supplier<@Nullable EtcdRecipes> recipes;

	private final LeaderOnlyMethods methods;

	private final ApplicationEventPublisher publisher;

	private final String value;

	private final Supplier<Duration> shutdownTimeout;

	private final Map<String, Candidate> candidates = new ConcurrentHashMap<>();

	private volatile boolean running;

	LeaderCandidates(Supplier<@Nullable EtcdRecipes> recipes, LeaderOnlyMethods methods,
			ApplicationEventPublisher publisher, String application, Supplier<Duration> shutdownTimeout) {
		this.recipes = recipes;
		this.methods = methods;
		this.publisher = publisher;
		// In containers every application may be process 1.
		this.value = application + "@" + HostAddress.find() + ":" + ProcessHandle.current().pid();
		this.shutdownTimeout = shutdownTimeout;
	}

	@Override
	public Optional<BooleanSupplier> leadership(String election) {
		EtcdRecipes recipes = this.recipes.get();
		if (recipes == null) {
			return Optional.of(() -> true);
		}
		if (!this.running) {
			return Optional.empty();
		}
		return candidate(recipes, election).leadership().map((leadership) -> leadership::isHeld);
	}

	private Candidate candidate(EtcdRecipes recipes, String election) {
		return this.candidates.computeIfAbsent(election,
				(name) -> recipes.election(name).stand(this.value, new Events(name)));
	}

	/**
	 * After the locks begin, so that it ends before they do, and after whatever calls the
	 * methods.
	 */
	@Override
	public int getPhase() {
		return EtcdLockLifecycle.PHASE + 1;
	}

	@Override
	public void start() {
		this.running = true;
		EtcdRecipes recipes = this.recipes.get();
		if (recipes != null) {
			this.methods.elections().forEach((election) -> candidate(recipes, election));
		}
	}

	/** Nobody else is to lead while a method runs that only the leader runs. */
	@Override
	public void stop() {
		this.running = false;
		if (!this.candidates.isEmpty()) {
			awaitCalls();
		}
		List<Candidate> standing = List.copyOf(this.candidates.values());
		this.candidates.clear();
		standing.forEach(Candidate::close);
	}

	private void awaitCalls() {
		try {
			int calls = this.methods.awaitCalls(this.shutdownTimeout.get());
			if (calls > 0) {
				logger.warn("{} calls of methods with @LeaderOnly still run, but others may lead from now on: "
						+ "etcd-lock.shutdown-timeout is over", calls);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	private final class Events implements LeadershipListener {

		private final String election;

		Events(String election) {
			this.election = election;
		}

		@Override
		public void onElected(LockHandle leadership) {
			LeaderCandidates.this.publisher.publishEvent(new LeadershipEvent(this.election, true, leadership));
		}

		@Override
		public void onDeposed(LockHandle leadership) {
			LeaderCandidates.this.publisher.publishEvent(new LeadershipEvent(this.election, false, leadership));
		}

	}

}
