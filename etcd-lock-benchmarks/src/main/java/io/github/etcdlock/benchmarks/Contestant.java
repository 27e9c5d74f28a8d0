package io.github.etcdlock.benchmarks;

import java.util.function.Function;

/** What is measured: each through its own client, against a server of its kind. */
enum Contestant {

	ETCD_LOCK("etcd-lock", ServerKind.ETCD, Manner.WAITS, EtcdLockClient::withTurns),

	ETCD_LOCK_WRITES("etcd-lock, turn-limit 0", ServerKind.ETCD, Manner.WAITS_FOR_OTHERS, EtcdLockClient::withoutTurns),

	RAW_STUBS("raw put + delete, plain stubs", ServerKind.ETCD, Manner.OWN_KEYS, RawStubClient::new),

	RAW_KV("raw put + delete, jetcd KV", ServerKind.ETCD, Manner.OWN_KEYS, RawKvClient::new),

	RAW_GUARDED("etcd-lock's own requests, plain stubs", ServerKind.ETCD, Manner.OWN_KEYS, RawGuardedClient::new),

	RAW_BATCHES("etcd-lock's own requests in batches", ServerKind.ETCD, Manner.OWN_KEYS, RawBatchClient::new),

	RAW_SINGLE("raw single-write transactions", ServerKind.ETCD, Manner.ONE_THREAD, SingleWriteClient::new),

	RAW_RELAY("etcd-lock's own hand-over, plain stubs", ServerKind.ETCD, Manner.IN_PROCESS, RelayClient::new),

	RAW_WATCH("raw delete to watch event", ServerKind.ETCD, Manner.WATCH, RawStubClient::new),

	JETCD_LOCK("jetcd Lock service", ServerKind.ETCD, Manner.WAITS, JetcdLockClient::new),

	JETCD_LOCK_LEASE("jetcd Lock service, lease per lock", ServerKind.ETCD, Manner.WAITS_ALONE,
			JetcdLeaseLockClient::plain),

	ETCD_RECIPES("etcd-recipes' call sequence", ServerKind.ETCD, Manner.WAITS_ALONE, JetcdLeaseLockClient::etcdRecipes),

	SHEDLOCK("ShedLock's call sequence", ServerKind.ETCD, Manner.OWN_KEYS, ShedLockClient::new),

	REDISSON("Redisson, no persistence", ServerKind.REDIS, Manner.WAITS, RedissonLockClient::new),

	REDISSON_ALWAYS("Redisson, appendfsync always", ServerKind.REDIS_ALWAYS, Manner.WAITS_ALONE,
			RedissonLockClient::new),

	SPRING_REDIS("Spring Integration Redis, no persistence", ServerKind.REDIS, Manner.WAITS, RegistryLockClient::redis),

	SPRING_REDIS_ALWAYS("Spring Integration Redis, fsync always", ServerKind.REDIS_ALWAYS, Manner.WAITS_ALONE,
			RegistryLockClient::redis),

	CURATOR("Curator, ZooKeeper", ServerKind.ZOOKEEPER, Manner.WAITS, CuratorLockClient::new),

	SPRING_ZOOKEEPER("Spring Integration ZooKeeper", ServerKind.ZOOKEEPER, Manner.WAITS_ALONE,
			RegistryLockClient::zooKeeper),

	ETCD_QUEUE("etcd-lock, DistributedQueue", ServerKind.ETCD, Manner.QUEUE, EtcdQueueClient::new),

	ETCD_WORK_QUEUE("etcd-lock, WorkQueue with ack", ServerKind.ETCD, Manner.QUEUE, EtcdWorkQueueClient::new),

	GO_QUEUE("Go's contrib/recipes Queue, call sequence", ServerKind.ETCD, Manner.QUEUE, GoQueueClient::new),

	REDISSON_QUEUE("Redisson RQueue, no persistence", ServerKind.REDIS, Manner.QUEUE, RedissonQueueClient::new),

	REDISSON_QUEUE_ALWAYS("Redisson RQueue, appendfsync always", ServerKind.REDIS_ALWAYS, Manner.QUEUE_ALONE,
			RedissonQueueClient::new),

	CURATOR_SIMPLE_QUEUE("Curator SimpleDistributedQueue", ServerKind.ZOOKEEPER, Manner.QUEUE,
			CuratorSimpleQueueClient::new),

	CURATOR_QUEUE("Curator DistributedQueue", ServerKind.ZOOKEEPER, Manner.QUEUE_ALONE, CuratorQueueClient::new);

	private final String title;

	private final ServerKind server;

	private final Manner manner;

	private final Function<String, LockClient> opener;

	Contestant(String title, ServerKind server, Manner manner, Function<String, LockClient> opener) {
		this.title = title;
		this.server = server;
		this.manner = manner;
		this.opener = opener;
	}

	/** As tables and charts show it. */
	String title() {
		return this.title;
	}

	ServerKind server() {
		return this.server;
	}

	LockClient open(String address) {
		return this.opener.apply(address);
	}

	/** Whether it can do this work at all. */
	boolean takesPartIn(Work work) {
		if (work.isOfQueues()) {
			return this.manner == Manner.QUEUE || (this.manner == Manner.QUEUE_ALONE && work.processes() == 1);
		}
		return switch (this.manner) {
			case QUEUE, QUEUE_ALONE -> false;
			case WAITS -> true;
			case WAITS_FOR_OTHERS -> work.oneKey() && work != Work.HANDOVER;
			case WAITS_ALONE -> work.processes() == 1;
			case OWN_KEYS -> !work.oneKey();
			case IN_PROCESS, ONE_THREAD -> work.oneKey() && work.processes() == 1;
			case WATCH -> work == Work.HANDOVER;
		};
	}

	/** How many threads it uses where so many are asked for. */
	int threads(int wanted) {
		return (this.manner == Manner.ONE_THREAD) ? 1 : wanted;
	}

	/** What it can be asked for. */
	private enum Manner {

		/** A lock: it waits for other holders. */
		WAITS,

		/** A variant that differs only where threads wait for each other. */
		WAITS_FOR_OTHERS,

		/**
		 * A lock, but so like another one that several processes would show nothing new.
		 */
		WAITS_ALONE,

		/** Nobody waits: everybody needs a key of their own. */
		OWN_KEYS,

		/** A floor for one key: what one thread does is what many could do at best. */
		ONE_THREAD,

		/** A floor for one key: threads of one process that wait for each other. */
		IN_PROCESS,

		/** A floor for hand-overs: it only sees that a key is deleted. */
		WATCH,

		/** No lock, but a queue. */
		QUEUE,

		/**
		 * A queue of which a process takes more than it needs, or that is so like another
		 * one that several processes would show nothing new.
		 */
		QUEUE_ALONE

	}

}
