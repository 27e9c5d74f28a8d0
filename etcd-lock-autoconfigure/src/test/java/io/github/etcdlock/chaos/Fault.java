package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

import io.github.etcdlock.test.TcpProxy;

/** What the nemesis can do. Each ends with everything whole again. */
enum Fault {

	KILL_WORKER(Harm.WORKER, Price.SESSION, (arena, random) -> onWorker(arena, random, WorkerProcess::killAndRestart)),

	/** Whoever runs a tick of the schedule, or keeps the lock of one for a while. */
	KILL_RUNNER(Harm.WORKER, Price.SESSION, (arena, random) -> {
		WorkerProcess runner = arena.lastRunner();
		arena.hold(Duration.ofMillis(random.nextInt(100)));
		runner.killAndRestart();
		return runner.name();
	}) {
		@Override
		void await(Arena arena) {
			arena.awaitRun();
		}
	},

	PAUSE_WORKER(Harm.WORKER, Price.SESSION, (arena, random) -> onWorker(arena, random, (worker) -> {
		worker.pause();
		arena.hold(arena.longer(random));
		worker.resume();
	})),

	PAUSE_WORKER_BRIEFLY(Harm.WORKER, Price.NOTHING, (arena, random) -> onWorker(arena, random, (worker) -> {
		worker.pause();
		arena.hold(arena.shorter(random));
		worker.resume();
	})),

	FREEZE_LINK(Harm.LINK, Price.SESSION,
			(arena, random) -> onLink(arena, random, TcpProxy::freeze, arena.longer(random))),

	FREEZE_LINK_BRIEFLY(Harm.LINK, Price.NOTHING,
			(arena, random) -> onLink(arena, random, TcpProxy::freeze, arena.shorter(random))),

	FREEZE_REQUESTS(Harm.LINK, Price.SESSION,
			(arena, random) -> onLink(arena, random, TcpProxy::freezeToServer, arena.longer(random))),

	FREEZE_ANSWERS(Harm.LINK, Price.SESSION,
			(arena, random) -> onLink(arena, random, TcpProxy::freezeToClient, arena.longer(random))),

	/**
	 * The others are still there, so it costs time but no lock, however long it takes.
	 */
	FREEZE_LINK_TO_ONE_MEMBER(Harm.LINK, Price.NOTHING, (arena, random) -> onWorker(arena, random, (worker) -> {
		TcpProxy proxy = worker.link().to(random.nextInt(Arena.MEMBERS));
		proxy.freeze();
		arena.hold(arena.longer(random));
		proxy.pass();
	})),

	RESET_STORM(Harm.LINK, Price.NOTHING, (arena, random) -> onWorker(arena, random, (worker) -> {
		for (int i = 0; i < 20; i++) {
			worker.link().each(TcpProxy::resetAll);
			arena.hold(Duration.ofMillis(50));
		}
	})),

	DELAY(Harm.LINK, Price.NOTHING, (arena, random) -> onWorker(arena, random, (worker) -> {
		Duration delay = Duration.ofMillis(20 + random.nextInt(80));
		worker.link().each((proxy) -> proxy.delay(delay));
		arena.hold(arena.longer(random));
		worker.link().each((proxy) -> proxy.delay(Duration.ZERO));
	})),

	/** No lease depends on it, and whoever may have been asleep asks etcd. */
	STEP_WALL_CLOCK(Harm.CLOCK, Price.NOTHING, (arena, random) -> onWorker(arena, random, (worker) -> {
		Duration step = Duration.ofMillis(List.of(100, 500, 5_000, 60_000, 3_600_000).get(random.nextInt(5)));
		worker.clock().step(random.nextBoolean() ? step : step.negated());
		arena.hold(arena.longer(random));
		worker.clock().step(Duration.ZERO);
		arena.hold(WallClock.NOTICE);
	})),

	KILL_LEADER(Harm.LEADER, Price.NOTHING, (arena, random) -> {
		int leader = arena.cluster().leader();
		arena.cluster().kill(leader);
		arena.hold(arena.shorter(random));
		arena.cluster().restart(leader);
		return Fault.ETCD;
	}),

	RESTART_LEADER(Harm.LEADER, Price.NOTHING, (arena, random) -> {
		arena.cluster().restart(arena.cluster().leader());
		return Fault.ETCD;
	}),

	/** A leader that resumes may revoke leases that another has renewed since. */
	PAUSE_LEADER(Harm.LEADER, Price.SESSION_AT_ONCE, (arena, random) -> {
		int leader = arena.cluster().leader();
		arena.cluster().pause(leader);
		arena.hold(random.nextBoolean() ? arena.longer(random) : arena.shorter(random));
		arena.cluster().resume(leader);
		return Fault.ETCD;
	}),

	PAUSE_FOLLOWER(Harm.ETCD, Price.NOTHING, (arena, random) -> {
		int follower = (arena.cluster().leader() + 1 + random.nextInt(Arena.MEMBERS - 1)) % Arena.MEMBERS;
		arena.cluster().pause(follower);
		arena.hold(arena.longer(random));
		arena.cluster().resume(follower);
		return Fault.ETCD;
	}),

	/**
	 * In one direction: nothing that the leader sends to the others arrives, what they
	 * send does. The others elect a new leader, and the old one hears of it long before
	 * any lease it knows of could end: so unlike a paused one it takes no live lease.
	 */
	CUT_OFF_LEADER(Harm.LEADER, Price.SESSION, (arena, random) -> {
		TcpProxy peers = arena.cluster().peerProxy(arena.cluster().leader());
		peers.freeze();
		arena.hold(arena.longer(random));
		peers.pass();
		return Fault.ETCD;
	}),

	RESTART_CLUSTER(Harm.LEADER, Price.SESSION, (arena, random) -> {
		arena.cluster().restart(0, 1, 2);
		return Fault.ETCD;
	}),

	COMPACT(Harm.ETCD, Price.NOTHING, (arena, random) -> {
		for (int i = 0; i < 3; i++) {
			arena.operate(Operator::compact);
			arena.hold(Duration.ofSeconds(1));
		}
		return Fault.ETCD;
	}),

	DELETE_KEY(Harm.ETCD, Price.SESSION_AT_ONCE, (arena, random) -> {
		String lock = arena.longHeld(random);
		arena.operate((operator) -> operator.delete(arena.holder(operator, lock).getKey()));
		return lock;
	}),

	REVOKE_LEASE(Harm.ETCD, Price.SESSION_AT_ONCE, (arena, random) -> {
		String lock = arena.longHeld(random);
		// Repeated must be the revocation of the same lease, not that of the next holder.
		Map.Entry<String, Long> holder = arena.ask((operator) -> {
			long lease = arena.holder(operator, lock).getLease();
			return Map.entry(arena.owner(operator, lease), lease);
		});
		arena.operate((operator) -> operator.revoke(holder.getValue()));
		return holder.getKey();
	});

	/** The victim where no worker is, and no lock. */
	static final String ETCD = "etcd";

	/** What is broken. */
	enum Harm {

		WORKER, LINK, CLOCK, ETCD,

		/** Everything, for want of time. */
		MACHINE,

		/**
		 * Etcd, so that it gets another leader, which restarts the time of all leases.
		 */
		LEADER

	}

	/** What it may cost at worst. */
	enum Price {

		NOTHING,

		/** Locks, which know it before etcd gives them to others. */
		SESSION,

		/** Locks that etcd gives to others before their holders know it. */
		SESSION_AT_ONCE

	}

	/** Makes the fault and mends it; returns the victim. */
	interface Deed {

		String strike(Arena arena, Random random);

	}

	private final Harm harm;

	private final Price price;

	private final Deed deed;

	Fault(Harm harm, Price price, Deed deed) {
		this.harm = harm;
		this.price = price;
		this.deed = deed;
	}

	Harm harm() {
		return this.harm;
	}

	Price price() {
		return this.price;
	}

	/** Whether this machine has what it takes. */
	boolean possible(Arena arena) {
		return this.harm != Harm.CLOCK || arena.stepsWallClocks();
	}

	/** Waits for the right moment. */
	void await(Arena arena) {
	}

	Strike strike(Arena arena, Random random) {
		await(arena);
		long from = System.nanoTime();
		String victim = this.deed.strike(arena, random);
		return new Strike(this, victim, from, System.nanoTime());
	}

	private static String onWorker(Arena arena, Random random, Consumer<WorkerProcess> deed) {
		WorkerProcess victim = arena.anyWorker(random);
		deed.accept(victim);
		return victim.name();
	}

	private static String onLink(Arena arena, Random random, Consumer<TcpProxy> deed, Duration time) {
		return onWorker(arena, random, (worker) -> {
			worker.link().each(deed);
			arena.hold(time);
			worker.link().each(TcpProxy::pass);
		});
	}

}
