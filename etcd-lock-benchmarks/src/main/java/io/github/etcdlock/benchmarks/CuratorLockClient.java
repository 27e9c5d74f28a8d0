package io.github.etcdlock.benchmarks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Curator's {@code InterProcessMutex}, one for each key. */
final class CuratorLockClient implements LockClient {

	private final CuratorFramework curator;

	private final Map<String, InterProcessMutex> locks = new ConcurrentHashMap<>();

	CuratorLockClient(String address) {
		this.curator = connect(address);
	}

	static CuratorFramework connect(String address) {
		CuratorFramework curator = CuratorFrameworkFactory.newClient(address, new ExponentialBackoffRetry(100, 10));
		curator.start();
		return curator;
	}

	@Override
	public Held lock(String key) throws Exception {
		InterProcessMutex lock = this.locks.computeIfAbsent(key,
				(name) -> new InterProcessMutex(this.curator, "/bench/" + name));
		lock.acquire();
		return lock::release;
	}

	@Override
	public void close() {
		this.curator.close();
	}

}
