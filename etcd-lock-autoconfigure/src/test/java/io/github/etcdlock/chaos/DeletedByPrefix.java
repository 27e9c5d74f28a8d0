package io.github.etcdlock.chaos;

import java.util.Optional;

import io.github.etcdlock.LockRequest;

/** Broken on purpose: a release deletes the whole line, whoever stands in it. */
final class DeletedByPrefix extends EngineLocks {

	private final Operator operator;

	private final String prefix;

	DeletedByPrefix(Site site) {
		super(site);
		this.operator = new Operator(site.endpoints().get(0));
		this.prefix = site.prefix();
	}

	@Override
	public Optional<Hold> acquire(LockRequest request) throws InterruptedException {
		String line = this.prefix + "/" + request.keys().get(0) + "/";
		return super.acquire(request).map((hold) -> new ChangedHold(hold) {

			@Override
			public void close() {
				super.close();
				DeletedByPrefix.this.operator.deleteAll(line);
			}

		});
	}

	@Override
	public void close() {
		super.close();
		this.operator.close();
	}

}
