package io.github.etcdlock.test;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Timeout(120)
class EtcdClusterTests {

	@Test
	void contentsShowKeysLeasesAndRevision() {
		try (EtcdCluster etcd = EtcdCluster.ofOne()) {
			EtcdContents before = etcd.contents();
			assertThat(before.keys()).isEmpty();
			assertThat(before.leases()).isEmpty();
			String prefix = etcd.freshPrefix();
			long lease = grant(etcd.endpoint());
			put(etcd.endpoint(), prefix + "/a", "1", lease);
			put(etcd.endpoint(), prefix + "/a", "2", lease);
			put(etcd.endpoint(), etcd.freshPrefix() + "/b", "3", 0);
			EtcdContents after = etcd.contents();
			assertThat(after.revision()).isEqualTo(before.revision() + 3);
			assertThat(after.leases()).containsExactly(lease);
			assertThat(after.keys()).hasSize(2);
			assertThat(after.under(prefix)).containsExactly(
					new EtcdContents.Key(prefix + "/a", "2", before.revision() + 1, before.revision() + 2, lease));
		}
	}

	@Test
	void killedMemberComesBackWithItsPortAndData() {
		try (EtcdCluster etcd = EtcdCluster.ofOne()) {
			put(etcd.endpoint(), "a", "1", 0);
			etcd.kill(0);
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> EtcdContents.of(etcd.endpoint()));
			etcd.restart(0);
			assertThat(etcd.contents().keys()).extracting(EtcdContents.Key::name).containsExactly("a");
		}
	}

	@Test
	void pausedMemberIsSilentUntilResumed() {
		try (EtcdCluster etcd = EtcdCluster.ofOne()) {
			etcd.pause(0);
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> put(etcd.endpoint(), "a", "1", 0, 2))
				.withMessageContaining("DEADLINE_EXCEEDED");
			etcd.resume(0);
			put(etcd.endpoint(), "b", "1", 0);
		}
	}

	@Test
	void threeMembersElectAnotherLeaderWhenTheirsIsKilledOrPaused() {
		try (EtcdCluster etcd = EtcdCluster.ofThree()) {
			int first = etcd.leader();
			etcd.kill(first);
			int second = etcd.leader();
			assertThat(second).isNotEqualTo(first);
			putThroughLeader(etcd, "a");
			etcd.restart(first);
			etcd.pause(second);
			int third = etcd.leader();
			assertThat(third).isNotEqualTo(second);
			putThroughLeader(etcd, "b");
			etcd.resume(second);
			assertThat(etcd.contents().keys()).hasSize(2);
		}
	}

	@Test
	void wholeClusterRestarts() {
		try (EtcdCluster etcd = EtcdCluster.ofThree()) {
			putThroughLeader(etcd, "a");
			for (int i = 0; i < 3; i++) {
				etcd.kill(i);
			}
			etcd.restart(0, 1, 2);
			assertThat(etcd.contents().keys()).hasSize(1);
		}
	}

	@Test
	void leaderNobodyHearsIsReplaced() {
		try (EtcdCluster etcd = EtcdCluster.builder().members(3).peerProxies().start()) {
			int deposed = etcd.leader();
			etcd.peerProxy(deposed).freeze();
			await().atMost(Duration.ofSeconds(15)).until(() -> etcd.leader() != deposed);
			etcd.peerProxy(deposed).pass();
			putThroughLeader(etcd, "a");
		}
	}

	@Test
	void furtherArgumentsReachTheMembers() {
		try (EtcdCluster etcd = EtcdCluster.builder().arguments("--max-request-bytes=10").start()) {
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> put(etcd.endpoint(), "a", "more than ten bytes", 0))
				.withMessageContaining("request is too large");
		}
	}

	/** A leader may lose the next election before it has answered. */
	private static void putThroughLeader(EtcdCluster etcd, String key) {
		await().atMost(Duration.ofSeconds(15))
			.ignoreExceptionsInstanceOf(StatusRuntimeException.class)
			.untilAsserted(() -> put(etcd.endpoint(etcd.leader()), key, "1", 0, 2));
	}

	private static void put(String endpoint, String key, String value, long lease) {
		put(endpoint, key, value, lease, 10);
	}

	private static void put(String endpoint, String key, String value, long lease, int timeoutSeconds) {
		PutRequest request = PutRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8(key))
			.setValue(ByteString.copyFromUtf8(value))
			.setLease(lease)
			.build();
		ManagedChannel channel = channel(endpoint);
		try {
			KVGrpc.newBlockingStub(channel).withDeadlineAfter(timeoutSeconds, TimeUnit.SECONDS).put(request);
		}
		finally {
			channel.shutdownNow();
		}
	}

	private static long grant(String endpoint) {
		ManagedChannel channel = channel(endpoint);
		try {
			return LeaseGrpc.newBlockingStub(channel)
				.withDeadlineAfter(10, TimeUnit.SECONDS)
				.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
				.getID();
		}
		finally {
			channel.shutdownNow();
		}
	}

	private static ManagedChannel channel(String endpoint) {
		return NettyChannelBuilder.forTarget(endpoint.replace("http://", "")).usePlaintext().build();
	}

}
