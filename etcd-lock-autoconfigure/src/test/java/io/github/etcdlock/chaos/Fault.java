package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;

import io.github.etcdlock.test.TcpProxy;

/** What the nemesis can do. Each ends with everything whole again. */
enum Fault {

	KILL_WORKER(Harm.WORKER, Price.SESSION, (arena, random) -> onWorker(arena, random, WorkerProcess::killAndRestart)),

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

	CUT_OFF_LEADER(Harm.LEADER, Price.SESSION_AT_ONCE, (arena, random) -> {
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
		arena.operate((operator) -> operator.oldest(arena.longHeld(random))
			.ifPresent((holder) -> operator.delete(holder.getKey())));
		return Fault.ETCD;
	}),

	REVOKE_LEASE(Harm.ETCD, Price.SESSION_AT_ONCE, (arena, random) -> {
		arena.operate((operator) -> operator.oldest(arena.longHeld(random))
			.ifPresent((holder) -> operator.revoke(holder.getLease())));
		return Fault.ETCD;
	});

	/** The victim where no worker is. */
	static final String ETCD = "etcd";

	/** What is broken. */
	enum Harm {

		WORKER, LINK, ETCD,

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

	Strike strike(Arena arena, Random random) {
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
