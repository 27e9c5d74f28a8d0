package io.github.etcdlock.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.github.etcdlock.chaos.History.Recovery;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** Etcd, the workers, and the resource they fight for. */
final class Arena implements AutoCloseable {

	static final int MEMBERS = 3;

	private static final String PREFIX = "/chaos";

	private static final Duration RECOVERY_PATIENCE = Duration.ofSeconds(30);

	private final Duration ttl;

	private final EtcdCluster cluster;

	private final History history = new History();

	private final Guard guard;

	private final List<WorkerProcess> workers = new ArrayList<>();

	/**
	 * Starts everything.
	 * @param workloads for each worker, as in {@code OneHotKey:2,FiftyKeys:3}
	 */
	Arena(@Nullable Path etcd, Duration ttl, long seed, String locks, boolean fencing, List<String> workloads) {
		this.ttl = ttl;
		this.guard = new Guard(this.history, fencing);
		this.cluster = EtcdCluster.builder().members(MEMBERS).binary(etcd).peerProxies().start();
		List<String> settings = List.of(locks, PREFIX, Long.toString(ttl.toSeconds()), Long.toString(seed),
				Integer.toString(this.guard.port()));
		for (int i = 0; i < workloads.size(); i++) {
			this.workers.add(new WorkerProcess("w" + i, new Link(this.cluster.endpoints()), settings, workloads.get(i),
					this.history));
		}
	}

	Duration ttl() {
		return this.ttl;
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

	/** The line of a lock that is always held. */
	String longHeld(Random random) {
		return PREFIX + "/long-" + random.nextInt(3) + "/";
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
		try (Operator operator = new Operator(this.cluster.endpoint(this.cluster.leader()))) {
			deed.accept(operator);
		}
	}

	/** Of etcd. */
	String version() {
		try (Operator operator = new Operator(this.cluster.endpoint())) {
			return operator.version();
		}
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

	/** Lets the workers end by themselves, and looks for what they leave in etcd. */
	void end() {
		this.workers.forEach(WorkerProcess::stop);
		try {
			Awaitility.await()
				.pollInterval(Duration.ofMillis(200))
				.atMost(this.ttl.multipliedBy(3))
				.until(() -> leftInEtcd().isEmpty());
		}
		catch (ConditionTimeoutException ex) {
			leftInEtcd().forEach(this.history::leftover);
		}
	}

	private List<String> leftInEtcd() {
		EtcdContents contents = this.cluster.contents();
		List<String> left = new ArrayList<>();
		contents.under(PREFIX + "/").forEach((key) -> left.add("key " + key.name()));
		contents.leases().forEach((lease) -> left.add("lease " + Long.toHexString(lease)));
		return left;
	}

	@Override
	public void close() {
		this.workers.forEach(WorkerProcess::close);
		this.cluster.close();
		this.guard.close();
	}

}
