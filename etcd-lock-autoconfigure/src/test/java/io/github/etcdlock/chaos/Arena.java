package io.github.etcdlock.chaos;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.chaos.History.Entry;
import io.github.etcdlock.chaos.History.Recovery;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import io.grpc.StatusRuntimeException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** Etcd, the workers, and the resource they fight for. */
final class Arena implements AutoCloseable {

	static final int MEMBERS = 3;

	private static final String PREFIX = "/chaos";

	private static final Duration RECOVERY_PATIENCE = Duration.ofSeconds(30);

	/** How long what has ended may still be there. */
	private static final Duration AT_ONCE = Duration.ofSeconds(1);

	private static final Duration AGAIN = Duration.ofMillis(50);

	private final Duration ttl;

	private final EtcdCluster cluster;

	private final History history = new History();

	private final Guard guard;

	private final Books books = new Books();

	private final Canary canary;

	private final List<WorkerProcess> workers = new ArrayList<>();

	private final @Nullable Path faketime = WallClock.library();

	/**
	 * Starts everything.
	 * @param workloads for each worker, as in {@code OneHotKey:2,FiftyKeys:3}
	 */
	Arena(@Nullable Path etcd, Duration ttl, long seed, String locks, boolean fencing, List<String> workloads) {
		this.ttl = ttl;
		this.guard = new Guard(this.history, fencing);
		this.cluster = EtcdCluster.builder().members(MEMBERS).binary(etcd).peerProxies().start();
		this.canary = new Canary(this.cluster.endpoints(), this.history, ttl);
		boolean ready = false;
		try {
			startWorkers(locks, seed, workloads);
			ready = true;
		}
		finally {
			if (!ready) {
				close();
			}
		}
	}

	private void startWorkers(String locks, long seed, List<String> workloads) {
		List<String> settings = List.of(locks, PREFIX, Long.toString(this.ttl.toSeconds()), Long.toString(seed),
				Integer.toString(this.guard.port()), this.books.url());
		for (int i = 0; i < workloads.size(); i++) {
			this.workers.add(new WorkerProcess("w" + i, new Link(this.cluster.endpoints()),
					new WallClock(this.faketime), settings, workloads.get(i), this.history));
		}
		this.workers.forEach(WorkerProcess::awaitReady);
	}

	Duration ttl() {
		return this.ttl;
	}

	/** Whether the wall clocks of workers can be stepped on this machine. */
	boolean stepsWallClocks() {
		return this.faketime != null;
	}

	EtcdCluster cluster() {
		return this.cluster;
	}

	History history() {
		return this.history;
	}

	WorkerProcess worker(int number) {
		return this.workers.get(number);
	}

	WorkerProcess anyWorker(Random random) {
		return worker(random.nextInt(this.workers.size()));
	}

	/** A lock that is always held. */
	String longHeld(Random random) {
		return "long-" + random.nextInt(3);
	}

	/** What whoever holds a lock has put into etcd. */
	KeyValue holder(Operator operator, String lock) {
		return Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.until(() -> operator.oldest(PREFIX + "/" + lock + "/"), Optional::isPresent)
			.orElseThrow();
	}

	/** Which worker shows itself as the owner of a lease. */
	String owner(Operator operator, long lease) {
		String sessions = PREFIX + "/.sessions/" + Long.toHexString(lease) + "/";
		return this.workers.stream()
			.map(WorkerProcess::name)
			.filter((name) -> operator.values(sessions)
				.stream()
				.anyMatch((value) -> value.contains("\"application\":\"" + name + ".")))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("Nobody owns lease " + Long.toHexString(lease)));
	}

	/** Waits until somebody runs a tick of the schedule. */
	void awaitRun() {
		long since = System.nanoTime();
		Awaitility.await().pollInterval(Duration.ofMillis(2)).atMost(RECOVERY_PATIENCE).until(() -> {
			Event run = this.history.lastRun();
			return run != null && run.at() >= since;
		});
	}

	/** Who was the last to run a tick. */
	WorkerProcess lastRunner() {
		Event run = Objects.requireNonNull(this.history.lastRun(), "nothing has run yet");
		return this.workers.stream().filter((worker) -> worker.name().equals(run.worker())).findFirst().orElseThrow();
	}

	/** A time short enough that no lock may be lost. */
	Duration shorter(Random random) {
		return this.ttl.multipliedBy(15 + random.nextInt(30)).dividedBy(100);
	}

	/** A time long enough that every lock must be lost. */
	Duration longer(Random random) {
		return this.ttl.multipliedBy(125 + random.nextInt(50)).dividedBy(100);
	}

	/** Lets a fault last. */
	void hold(Duration time) {
		try {
			TimeUnit.NANOSECONDS.sleep(time.toNanos());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted in the middle of a fault", ex);
		}
	}

	void operate(Consumer<Operator> deed) {
		ask((operator) -> {
			deed.accept(operator);
			return true;
		});
	}

	/** Asks the leader; again when that is just losing an election. */
	<T> T ask(Function<Operator, T> question) {
		return persist(() -> {
			try (Operator operator = new Operator(this.cluster.endpoint(this.cluster.leader()))) {
				return question.apply(operator);
			}
		});
	}

	private EtcdContents contents() {
		return persist(this.cluster::contents);
	}

	private <T> T persist(Supplier<T> question) {
		long end = System.nanoTime() + RECOVERY_PATIENCE.toNanos();
		while (true) {
			try {
				return question.get();
			}
			catch (StatusRuntimeException | UncheckedIOException | IllegalStateException ex) {
				if (Thread.currentThread().isInterrupted() || System.nanoTime() - end >= 0) {
					throw ex;
				}
			}
			hold(AGAIN);
		}
	}

	/** Of etcd. */
	String version() {
		return ask(Operator::version);
	}

	/**
	 * Waits until etcd writes and every worker has acquired a lock, and notes how long it
	 * took.
	 */
	void awaitHealth() {
		long since = System.nanoTime();
		this.workers.forEach(WorkerProcess::requireAlive);
		operate((operator) -> operator.write("/health"));
		for (WorkerProcess worker : this.workers) {
			this.history.add(new Recovery(worker.name(), awaitTurn(worker, since)));
		}
	}

	private long awaitTurn(WorkerProcess worker, long since) {
		try {
			Awaitility.await()
				.pollInterval(Duration.ofMillis(20))
				.atMost(RECOVERY_PATIENCE)
				.until(() -> this.history.acquiredSince(worker.name(), since));
			return System.nanoTime() - since;
		}
		catch (ConditionTimeoutException ex) {
			return Turn.NEVER;
		}
	}

	/**
	 * Lets the workers end by themselves, and looks for what they leave in etcd. What
	 * those have left who were killed goes before, so that nothing that ends late can
	 * pass for it.
	 */
	void end() {
		hold(this.ttl.plusSeconds(3));
		long stopping = System.nanoTime();
		this.workers.forEach(WorkerProcess::askToStop);
		this.workers.forEach(WorkerProcess::awaitStop);
		// Who ends revokes, but does not wait for long: then the lease ends by itself.
		noteLeft(this::leasesLeft, this.canary.calmSince(stopping) ? AT_ONCE : this.ttl.plusSeconds(1));
		finishErrands();
		readLedgers();
		noteLeft(this::keysLeft, this.ttl.multipliedBy(3));
	}

	/** Notes what is there after so long. */
	private void noteLeft(Supplier<List<String>> left, Duration patience) {
		try {
			Awaitility.await().pollInterval(Duration.ofMillis(100)).atMost(patience).until(() -> left.get().isEmpty());
		}
		catch (ConditionTimeoutException ex) {
			left.get().forEach(this.history::leftover);
		}
	}

	/** Notes what is in the ledgers. */
	void readLedgers() {
		List<Entry> entries = new ArrayList<>(this.books.inDatabase());
		entries.addAll(Books.inEtcd(contents()));
		this.history.found(entries);
	}

	/** Does what the workers have left in their queue. */
	private void finishErrands() {
		List<String> members = this.cluster.endpoints().stream().map((url) -> url.replace("http://", "")).toList();
		try (EngineLocks locks = new EngineLocks(new Locks.Site(members, PREFIX, this.ttl, "end"))) {
			new Errands(locks.recipes(), "end.1/end", new Random(), this.history::add).finish(this.ttl.multipliedBy(3));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while the last items were worked on", ex);
		}
	}

	/** Without those that keep a lock of the schedule for its minimum time. */
	private List<String> leasesLeft() {
		EtcdContents contents = contents();
		Set<Long> resting = contents.under(PREFIX + "/" + ScheduledRuns.KEY + "/")
			.stream()
			.map(EtcdContents.Key::lease)
			.collect(Collectors.toSet());
		return contents.leases()
			.stream()
			.filter((lease) -> !resting.contains(lease))
			.map((lease) -> "lease " + Long.toHexString(lease)
					+ contents.keys()
						.stream()
						.filter((key) -> key.lease() == lease)
						.map(EtcdContents.Key::name)
						.toList())
			.toList();
	}

	private List<String> keysLeft() {
		EtcdContents contents = contents();
		List<String> left = new ArrayList<>();
		contents.under(PREFIX + "/").forEach((key) -> left.add("key " + key.name()));
		contents.leases().forEach((lease) -> left.add("lease " + Long.toHexString(lease)));
		return left;
	}

	@Override
	public void close() {
		this.workers.forEach(WorkerProcess::close);
		this.canary.close();
		this.cluster.close();
		this.guard.close();
		this.books.close();
	}

}
