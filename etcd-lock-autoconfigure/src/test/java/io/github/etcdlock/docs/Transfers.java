package io.github.etcdlock.docs;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;

/** The transfer between two accounts of {@code modes.md}. */
class Transfers {

	private final Map<String, Long> accounts = new ConcurrentHashMap<>();

	private final LockTemplate locks;

	Transfers(LockTemplate locks) {
		this.locks = locks;
	}

	@DistributedLock(key = { "account:#{#from}", "account:#{#to}" })
	public void transfer(String from, String to, long amount) {
		this.accounts.put(from, balance(from) - amount);
		this.accounts.put(to, balance(to) + amount);
	}

	void transferByTemplate(String from, String to, long amount) {
		LockRequest both = LockRequest.of("account:" + from, "account:" + to);
		this.locks.executeWithoutResult(both, (lock) -> {
			this.accounts.put(from, balance(from) - amount);
			this.accounts.put(to, balance(to) + amount);
		});
	}

	public long balance(String account) {
		return this.accounts.getOrDefault(account, 0L);
	}

}
