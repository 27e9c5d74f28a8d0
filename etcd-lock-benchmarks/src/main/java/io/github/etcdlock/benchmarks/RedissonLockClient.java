package io.github.etcdlock.benchmarks;

import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Redisson's {@code RLock}, with its defaults. */
final class RedissonLockClient implements LockClient {

	private final RedissonClient client;

	RedissonLockClient(String address) {
		this.client = connect(address);
	}

	static RedissonClient connect(String address) {
		Config config = new Config();
		config.useSingleServer().setAddress("redis://" + address);
		return Redisson.create(config);
	}

	@Override
	public Held lock(String key) {
		RLock lock = this.client.getLock("bench:" + key);
		lock.lock();
		return lock::unlock;
	}

	@Override
	public void close() {
		this.client.shutdown();
	}

}
