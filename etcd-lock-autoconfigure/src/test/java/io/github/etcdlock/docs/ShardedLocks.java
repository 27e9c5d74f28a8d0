package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.List;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;

/** Two clusters, each with a share of the keys. */
@Component
class ShardedLocks implements AutoCloseable {

	private final LeaseManager second;

	private final List<LockTemplate> shards;

	ShardedLocks(LockTemplate first, @Value("${second-cluster.endpoint}") String endpoint) {
		this.second = new LeaseManager(new EtcdConnection(List.of(endpoint), null, null, null, Duration.ofSeconds(3)),
				new LockSettings("/locks", Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(3),
						Duration.ofSeconds(10), "shop"),
				List.of());
		this.shards = List.of(first, this.second.lockTemplate());
	}

	/** Several keys at once only where all of them are in one cluster. */
	LockTemplate of(String key) {
		return this.shards.get(Math.floorMod(key.hashCode(), this.shards.size()));
	}

	@Override
	public void close() {
		this.second.close();
	}

}
