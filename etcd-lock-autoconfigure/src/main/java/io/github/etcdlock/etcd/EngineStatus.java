package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;

/**
 * What the engine has to do at one moment.
 *
 * @param held the locks that this process holds
 * @param waiting the requests that wait for one
 * @param sessions the leases
 */
public record EngineStatus(int held, int waiting, List<SessionStatus> sessions) {

	/**
	 * One lease of this process.
	 *
	 * @param state STARTING, ACTIVE, or SUSPENDED when a renewal is overdue
	 * @param ttl its time to live
	 * @param provenFor how long it can be relied on unless it is renewed; negative when
	 * that time is over
	 * @param locks the locks that hang on it, held or waited for
	 */
	public record SessionStatus(String state, Duration ttl, Duration provenFor, int locks) {

	}

}
