package io.github.etcdlock.etcd;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;

/**
 * A guarded transaction that etcd carries out once at most, however often it has to be
 * sent until somebody hears the answer. Called on the loop.
 */
interface Once {

	/**
	 * What it asks for; called just before it is sent, and again if that came to nothing
	 * because the session was gone.
	 * @param session whose lease its keys may hang on
	 * @return the request, or null if there is nothing to ask for any more
	 */
	@Nullable TxnRequest request(Session session);

	/** It was carried out, at the given revision if it wrote anything. */
	void answered(TxnResponse response, long revision);

	/**
	 * There was no answer in time, or a refusal. Exactly one of the three below follows.
	 */
	void failed(EtcdFailure failure);

	/** After a failure: it was carried out nevertheless. */
	default void late(TxnResponse response, long revision) {
	}

	/** After a failure: it was not carried out, and never will be. */
	default void never() {
	}

	/** After a failure: nobody can find out any more. */
	default void unknown() {
	}

}
