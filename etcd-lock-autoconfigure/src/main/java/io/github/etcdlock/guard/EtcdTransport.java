package io.github.etcdlock.guard;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;

/** How guarded writes get to etcd. Nothing of it blocks. */
public interface EtcdTransport {

	/**
	 * What etcd said to a transaction.
	 *
	 * @param response the response, or null if nobody knows whether it was carried out
	 * @param repeated whether it was sent more than once, so that one attempt may still
	 * be on its way
	 */
	record Answer(@Nullable TxnResponse response, boolean repeated) {

	}

	/**
	 * The etcd key that all locks live under.
	 * @return the prefix, without a slash at its end
	 */
	String keyPrefix();

	/**
	 * How long an answer may take at most.
	 * @return the time
	 */
	Duration patience();

	/**
	 * A lease that lives as long as this process, and for a while longer.
	 * @return the lease's id; fails with
	 * {@link io.github.etcdlock.LockUnavailableException}
	 */
	CompletableFuture<Long> lease();

	/**
	 * Carries out a transaction that changes nothing if it is carried out again.
	 * @param request the transaction
	 * @return the answer; fails with {@link io.github.etcdlock.LockUnavailableException}
	 * if nothing was changed
	 */
	CompletableFuture<Answer> transact(TxnRequest request);

}
