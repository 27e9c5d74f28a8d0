package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.recipe.ValueFormat;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The lock managers of one test on one key prefix, each a process of its own as far as
 * etcd can tell. All of them are closed with the test.
 */
final class Managers implements AutoCloseable {

	/** For recipes whose values are text. */
	static final ValueFormat TEXT = ValueFormat.textOnly();

	private final EtcdCluster cluster;

	private final String prefix;

	private final Set<Long> leasesBefore;

	private final List<LeaseManager> managers = new ArrayList<>();

	Managers(EtcdCluster cluster) {
		this.cluster = cluster;
		this.prefix = cluster.freshPrefix();
		this.leasesBefore = Set.copyOf(cluster.contents().leases());
	}

	String prefix() {
		return this.prefix;
	}

	/** What locks on this key have in etcd. */
	String line(String key) {
		return this.prefix + "/" + KeySpace.encode(key) + "/";
	}

	/** The keys that stand in a lock's line in etcd now. */
	List<EtcdContents.Key> queued(String key) {
		return this.cluster.contents().under(line(key));
	}

	/** The leases in etcd that were not there before the test. */
	List<Long> leases() {
		return this.cluster.contents().leases().stream().filter((lease) -> !this.leasesBefore.contains(lease)).toList();
	}

	/** A lock manager with a TTL of half a minute, for tests without expiry. */
	LeaseManager start() {
		return with().start();
	}

	/** The template of such a manager. */
	LockTemplate template() {
		return start().lockTemplate();
	}

	Options with() {
		return new Options();
	}

	/**
	 * Waits until etcd serves all watches of a manager, which are that many or more, and
	 * whatever that leads to has been asked for.
	 */
	static void awaitWatches(LeaseManager manager, int atLeast) {
		await().until(() -> {
			CompletableFuture<Boolean> served = new CompletableFuture<>();
			WatchStream watches = manager.engine().watches();
			manager.engine().loop().run(() -> served.complete(watches.settled() && watches.size() >= atLeast));
			return served.join();
		});
	}

	/** The threads that lock managers have in this process. */
	static Set<Thread> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("etcd-lock"))
			.collect(Collectors.toSet());
	}

	/** Closes every manager, and sees that they leave nothing behind. */
	void closeAndLeaveNothing() {
		close();
		assertThat(this.cluster.contents().under(this.prefix)).isEmpty();
		assertThat(leases()).isEmpty();
	}

	@Override
	public void close() {
		CompletableFuture
			.allOf(this.managers.stream()
				.map((manager) -> CompletableFuture.runAsync(manager::close,
						(task) -> new Thread(task, "closing").start()))
				.toArray(CompletableFuture<?>[]::new))
			.join();
	}

	/** How a manager is to be. */
	final class Options {

		private List<String> endpoints = Managers.this.cluster.endpoints();

		private Duration ttl = Duration.ofSeconds(30);

		private Duration waitTime = Duration.ofSeconds(10);

		private Duration requestTimeout = Duration.ofSeconds(3);

		private Duration shutdownTimeout = Duration.ofSeconds(2);

		private @Nullable String user;

		private @Nullable String password;

		private Clock clock = new Clock();

		private Layout layout = Layout.CURRENT;

		private List<LockListener> listeners = List.of();

		private List<Traffic> traffic = List.of();

		private int turnLimit = 16;

		private Duration turnTime = Duration.ofMillis(50);

		Options endpoints(List<String> urls) {
			this.endpoints = urls;
			return this;
		}

		/** Also sets the request timeout to a third of it, or three seconds. */
		Options ttl(Duration time) {
			this.ttl = time;
			Duration third = time.dividedBy(3);
			this.requestTimeout = (third.toSeconds() < 3) ? third : Duration.ofSeconds(3);
			return this;
		}

		Options waitTime(Duration time) {
			this.waitTime = time;
			return this;
		}

		Options requestTimeout(Duration time) {
			this.requestTimeout = time;
			return this;
		}

		Options shutdownTimeout(Duration time) {
			this.shutdownTimeout = time;
			return this;
		}

		/** Every hand-over between threads is a write. */
		Options withoutPasses() {
			return turns(0, this.turnTime);
		}

		Options user(String name, String word) {
			this.user = name;
			this.password = word;
			return this;
		}

		Options clock(Clock steered) {
			this.clock = steered;
			return this;
		}

		/** As another version of etcd-lock has it. */
		Options layout(int version) {
			this.layout = new Layout(version);
			return this;
		}

		Options listener(LockListener... told) {
			this.listeners = List.of(told);
			return this;
		}

		Options traffic(Traffic steered) {
			this.traffic = List.of(steered);
			return this;
		}

		/** How long this process may keep a lock to itself while another waits. */
		Options turns(int limit, Duration time) {
			this.turnLimit = limit;
			this.turnTime = time;
			return this;
		}

		LeaseManager start() {
			LeaseManager manager = new LeaseManager(
					new EtcdConnection(this.endpoints.stream().map((url) -> url.replace("http://", "")).toList(),
							this.user, this.password, null, Duration.ofSeconds(1)),
					new LockSettings(Managers.this.prefix, this.waitTime, this.ttl, this.requestTimeout,
							this.shutdownTimeout, "test", this.turnLimit, this.turnTime),
					this.listeners, EnclosingTransaction.NONE, List.copyOf(this.traffic), this.clock, this.layout);
			Managers.this.managers.add(manager);
			return manager;
		}

		LockTemplate template() {
			return start().lockTemplate();
		}

	}

}
