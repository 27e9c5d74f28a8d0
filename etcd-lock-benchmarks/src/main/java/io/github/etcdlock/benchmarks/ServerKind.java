package io.github.etcdlock.benchmarks;

import java.io.IOException;

/** The servers that locks are kept in. */
enum ServerKind {

	ETCD("etcd") {
		@Override
		Server start() {
			return new EtcdServer();
		}

		@Override
		Contestant writer() {
			return Contestant.RAW_STUBS;
		}
	},

	REDIS("Redis, no persistence") {
		@Override
		Server start() throws IOException, InterruptedException {
			return RedisServer.start(false);
		}

		@Override
		Contestant writer() {
			return Contestant.SPRING_REDIS;
		}
	},

	REDIS_ALWAYS("Redis, appendfsync always") {
		@Override
		Server start() throws IOException, InterruptedException {
			return RedisServer.start(true);
		}

		@Override
		Contestant writer() {
			return Contestant.SPRING_REDIS_ALWAYS;
		}
	},

	ZOOKEEPER("ZooKeeper") {
		@Override
		Server start() throws IOException {
			return ZooKeeperServerProcess.start();
		}

		@Override
		Contestant writer() {
			return Contestant.CURATOR;
		}
	};

	private final String title;

	ServerKind(String title) {
		this.title = title;
	}

	String title() {
		return this.title;
	}

	/**
	 * Starts one on a free port of the loopback interface, with its data in a temporary
	 * folder.
	 */
	abstract Server start() throws Exception;

	/** Who keeps it busy with other writes while hand-overs are measured. */
	abstract Contestant writer();

}
