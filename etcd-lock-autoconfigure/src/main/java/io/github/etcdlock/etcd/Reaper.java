package io.github.etcdlock.etcd;

import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends in etcd what could not be ended at once: repeats a delete that is safe to repeat
 * until etcd has confirmed it, or the session it belongs to is gone and its keys with it.
 * Lives on the loop.
 */
final class Reaper {

	private static final Logger logger = LoggerFactory.getLogger(Reaper.class);

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

	private final Loop loop;

	private final Timers timers;

	private final Store store;

	private int open;

	private @Nullable Runnable whenDone;

	Reaper(Loop loop, Timers timers, Store store) {
		this.loop = loop;
		this.timers = timers;
		this.store = store;
	}

	/** How much is still to be ended. */
	int open() {
		return this.open;
	}

	/**
	 * Ends keys whose fate is unknown by their unique name, and for good: a late attempt
	 * to put them finds the tombstone.
	 */
	void endByName(Session session, Iterable<ByteString> keys, ByteString tombstone, Runnable done) {
		TxnRequest.Builder end = TxnRequest.newBuilder();
		for (ByteString key : keys) {
			end.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key)));
		}
		end.addSuccess(RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder().setKey(tombstone).setLease(session.lease())));
		end(session, end.build(), done);
	}

	/** Repeats a guarded delete. */
	void end(Session session, TxnRequest request, Runnable done) {
		this.open++;
		session.reaping(1);
		attempt(session, request, 0, () -> {
			session.reaping(-1);
			done.run();
			closeOne();
		});
	}

	private void attempt(Session session, TxnRequest request, int repetition, Runnable done) {
		if (session.gone()) {
			done.run();
			return;
		}
		this.store.repeatTxn(request, this.store.deadline(), (response) -> this.loop.run(done),
				(failure) -> this.loop.run(() -> {
					if (failure.leaseGone()) {
						session.leaseGone();
						done.run();
						return;
					}
					if (failure.denied()) {
						session.denied(failure);
						done.run();
						return;
					}
					if (!failure.passing() && repetition == 0) {
						logger.warn("etcd refuses to delete a lock key: {}. It is tried again until the session ends",
								failure.text());
					}
					again(repetition, () -> attempt(session, request, repetition + 1, done));
				}));
	}

	/** Revokes a session's lease, which ends all its keys. */
	void revoke(Session session) {
		this.open++;
		revoke(session, 0);
	}

	/**
	 * Revokes it once what is to run at the loss of its locks has begun to run: before
	 * etcd can give them to others.
	 */
	void revokeAfterCallbacks(Session session) {
		this.open++;
		this.timers.callback(() -> this.loop.run(() -> revoke(session, 0)));
	}

	private void revoke(Session session, int repetition) {
		this.store.revoke(session.lease(), this.store.deadline(), (response) -> this.loop.run(() -> revoked(session)),
				(failure) -> this.loop.run(() -> {
					if (failure.leaseGone() && !session.granting()) {
						revoked(session);
					}
					else if (failure.denied()) {
						logger.warn("etcd refuses to revoke the lease of {}: {}. It is renewed no more, "
								+ "and its keys go when it expires", session, failure.text());
						revoked(session);
					}
					else {
						again(repetition, () -> revoke(session, repetition + 1));
					}
				}));
	}

	private void revoked(Session session) {
		session.revoked();
		closeOne();
	}

	/** Tells when nothing is left to end. */
	void whenDone(Runnable action) {
		if (this.open == 0) {
			action.run();
		}
		else {
			this.whenDone = action;
		}
	}

	private void closeOne() {
		if (--this.open == 0 && this.whenDone != null) {
			this.whenDone.run();
		}
	}

	private void again(int repetition, Runnable step) {
		this.timers.after(PAUSE << Math.min(repetition, 6), () -> this.loop.run(step));
	}

}
