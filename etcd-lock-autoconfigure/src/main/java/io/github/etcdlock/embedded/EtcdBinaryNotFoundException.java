package io.github.etcdlock.embedded;

import java.util.List;

/** There is no etcd binary in any of the places where one is looked for. */
public class EtcdBinaryNotFoundException extends EmbeddedEtcdException {

	private static final long serialVersionUID = 1L;

	/** How to get an etcd, one way per line. */
	private static final String HOW_TO_GET_ONE = String.join(System.lineSeparator(),
			"Debian, Ubuntu: apt-get install etcd-server etcd-client", "macOS: brew install etcd",
			"in a checkout of etcd-lock: scripts/provision-etcd.sh, which needs no root",
			"any other way: point etcd-lock.embedded.binary or ETCD_BINARY at an etcd of 3.4 or later");

	/**
	 * Creates the exception.
	 * @param placesLookedAt the places, in the order they were looked at
	 */
	public EtcdBinaryNotFoundException(List<String> placesLookedAt) {
		super("No etcd binary found; looked at " + String.join(", then ", placesLookedAt) + "." + System.lineSeparator()
				+ HOW_TO_GET_ONE, null);
	}

	/**
	 * The ways to get an etcd.
	 * @return one way per line
	 */
	public String howToGetOne() {
		return HOW_TO_GET_ONE;
	}

}
