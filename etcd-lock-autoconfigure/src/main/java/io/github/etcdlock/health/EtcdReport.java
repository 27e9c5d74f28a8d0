package io.github.etcdlock.health;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is known of etcd at one moment.
 *
 * @param members what each member says of itself
 * @param sessions the leases of this process
 */
public record EtcdReport(List<Member> members, List<Session> sessions) {

	/**
	 * One member of etcd.
	 *
	 * @param endpoint where it is asked
	 * @param version its version, or null if it does not answer, or tells it only to root
	 * @param leader whether it leads the cluster
	 * @param latency how long its answer took
	 * @param problem why there is no answer, or null if there is
	 */
	public record Member(String endpoint, @Nullable String version, boolean leader, Duration latency,
			@Nullable String problem) {

	}

	/**
	 * One lease of this process.
	 *
	 * @param state whether it is renewed in time
	 * @param ttl its time to live
	 * @param provenFor how long it can be relied on unless it is renewed
	 * @param locks how many locks hang on it
	 */
	public record Session(String state, Duration ttl, Duration provenFor, int locks) {

	}

}
