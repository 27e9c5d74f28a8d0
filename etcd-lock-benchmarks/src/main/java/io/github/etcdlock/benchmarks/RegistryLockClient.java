package io.github.etcdlock.benchmarks;

import java.util.concurrent.locks.Lock;

import org.apache.curator.framework.CuratorFramework;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.integration.zookeeper.lock.ZookeeperLockRegistry;

/** A lock registry of Spring Integration. */
final class RegistryLockClient implements LockClient {

	private final LockRegistry<? extends Lock> registry;

	private final Runnable end;

	private RegistryLockClient(LockRegistry<? extends Lock> registry, Runnable end) {
		this.registry = registry;
		this.end = end;
	}

	/** On Redis through Lettuce, with publish and subscribe instead of polling. */
	static RegistryLockClient redis(String address) {
		String[] parts = address.split(":");
		LettuceConnectionFactory connections = new LettuceConnectionFactory(parts[0], Integer.parseInt(parts[1]));
		connections.afterPropertiesSet();
		connections.start();
		RedisLockRegistry registry = new RedisLockRegistry(connections, "bench");
		registry.setRedisLockType(RedisLockRegistry.RedisLockType.PUB_SUB_LOCK);
		return new RegistryLockClient(registry, () -> {
			registry.destroy();
			connections.destroy();
		});
	}

	static RegistryLockClient zooKeeper(String address) {
		CuratorFramework curator = CuratorLockClient.connect(address);
		ZookeeperLockRegistry registry = new ZookeeperLockRegistry(curator, "/bench-registry");
		return new RegistryLockClient(registry, () -> {
			registry.destroy();
			curator.close();
		});
	}

	@Override
	public Held lock(String key) {
		Lock lock = this.registry.obtain(key);
		lock.lock();
		return lock::unlock;
	}

	@Override
	public void close() {
		this.end.run();
	}

}
