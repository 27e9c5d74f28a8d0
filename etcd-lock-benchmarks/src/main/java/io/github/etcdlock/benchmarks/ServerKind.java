package io.github.etcdlock.benchmarks;

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
