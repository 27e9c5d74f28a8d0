package io.github.etcdlock.chaos;

import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: a release deletes the whole line, whoever stands in it. */
final class DeletedByPrefix implements Locks {

	private final Locks locks;

	private final Operator operator;

	private final String prefix;

	DeletedByPrefix(Site site) {
		this.locks = new EngineLocks(site);
		this.operator = new Operator(site.endpoints().get(0));
		this.prefix = site.prefix();
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		return this.locks.acquire(request)
			.map((hold) -> new Sweeping(hold, this.prefix + "/" + request.keys().get(0) + "/"));
	}

	@Override
	public void close() {
		this.locks.close();
		this.operator.close();
	}

	private final class Sweeping implements Hold {

		private final Hold hold;

		private final String line;

		Sweeping(Hold hold, String line) {
			this.hold = hold;
			this.line = line;
		}

		@Override
		public long token() {
			return this.hold.token();
		}

		@Override
		public boolean isHeld() {
			return this.hold.isHeld();
		}

		@Override
		public void onLost(Runnable action) {
			this.hold.onLost(action);
		}

		@Override
		public void close() {
			this.hold.close();
			DeletedByPrefix.this.operator.deleteAll(this.line);
		}

	}

}
