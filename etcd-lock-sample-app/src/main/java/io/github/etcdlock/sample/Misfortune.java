package io.github.etcdlock.sample;

/** What can be done to an instance, or to etcd, in the middle of a sale. */
enum Misfortune {

	/** The process is stopped beyond the TTL of its lock, and goes on. */
	PAUSE("paused"),

	/** The process is killed. */
	KILL("killed"),

	/** Its link to etcd lets nothing through for longer than the TTL. */
	FREEZE("link frozen"),

	/** The member of etcd that leads is killed. */
	KILL_LEADER("leader killed");

	private final String label;

	Misfortune(String label) {
		this.label = label;
	}

	String label() {
		return this.label;
	}

}
