package io.github.etcdlock.benchmarks;

import java.util.concurrent.TimeUnit;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.redisson.RedissonMultiLock;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;

/**
 * What code looks like before it moves to etcd-lock: the other side of
 * {@code docs/migration.md}.
 */
final class OtherLocks {

	private final RedissonClient redisson;

	private final CuratorFramework curator;

	OtherLocks(RedissonClient redisson, CuratorFramework curator) {
		this.redisson = redisson;
		this.curator = curator;
	}

	void shipUnderRedisson(String id) throws InterruptedException {
		RLock lock = this.redisson.getLock("order:" + id);
		if (lock.tryLock(5, TimeUnit.SECONDS)) {
			try {
				pack(id);
			}
			finally {
				lock.unlock();
			}
		}
	}

	void transferUnderRedisson(String from, String to) {
		RLock both = new RedissonMultiLock(this.redisson.getLock(from), this.redisson.getLock(to));
		both.lock();
		try {
			pack(from);
			pack(to);
		}
		finally {
			both.unlock();
		}
	}

	void shipUnderCurator(String id) throws Exception {
		InterProcessMutex mutex = new InterProcessMutex(this.curator, "/locks/order-" + id);
		if (mutex.acquire(5, TimeUnit.SECONDS)) {
			try {
				pack(id);
			}
			finally {
				mutex.release();
			}
		}
	}

	void reportIfLeader(LeaderLatch latch) {
		if (latch.hasLeadership()) {
			pack("report");
		}
	}

	private void pack(String id) {
		if (id.isEmpty()) {
			throw new IllegalArgumentException("There is nothing to pack");
		}
	}

}
