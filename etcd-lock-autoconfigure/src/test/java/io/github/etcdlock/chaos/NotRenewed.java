package io.github.etcdlock.chaos;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockRequest;

/**
 * Broken on purpose: the plainest lock there is, one key with a lease, but the lease is
 * never renewed.
 */
final class NotRenewed implements Locks {

	private static final long PAUSE_MILLIS = 20;

	private final Operator operator;

	private final Site site;

	NotRenewed(Site site) {
		this.site = site;
		this.operator = new Operator(site.endpoints().get(0));
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		String name = this.site.prefix() + "/" + request.keys().get(0);
		long end = System.nanoTime() + Objects.requireNonNull(request.waitTime()).toNanos();
		do {
			long lease = this.operator.grant(this.site.ttl());
			long revision = this.operator.putIfAbsent(name, lease);
			if (revision > 0) {
				return Optional.of(new Leased(revision, lease));
			}
			this.operator.revoke(lease);
			TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
		}
		while (System.nanoTime() < end);
		return Optional.empty();
	}

	@Override
	public void close() {
		this.operator.close();
	}

	private final class Leased implements Hold {

		private final long revision;

		private final long lease;

		private volatile boolean closed;

		Leased(long revision, long lease) {
			this.revision = revision;
			this.lease = lease;
		}

		@Override
		public long token() {
			return this.revision;
		}

		@Override
		public boolean isHeld() {
			return !this.closed;
		}

		@Override
		public void onLost(Runnable action) {
		}

		@Override
		public void close() {
			this.closed = true;
			NotRenewed.this.operator.revoke(this.lease);
		}

	}

}
