package io.github.etcdlock.etcd;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What one member of etcd says of itself.
 *
 * @param endpoint where it is asked
 * @param version its version, or null if it does not answer, or tells it only to root
 * @param leader whether it leads the cluster, as far as it knows
 * @param took how long the answer took
 * @param problem why there is no answer, or null if there is
 */
public record MemberStatus(String endpoint, @Nullable String version, boolean leader, Duration took,
		@Nullable String problem) {

}
