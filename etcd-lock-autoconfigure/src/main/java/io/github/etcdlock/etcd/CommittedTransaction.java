package io.github.etcdlock.etcd;

import java.util.Map;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.TransactionResult;
import io.github.etcdlock.recipe.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a transaction.
 *
 * @param request the transaction
 * @param answer what etcd, or the marker, has said
 * @param values how values are stored
 * @param waits how callers wait
 */
record CommittedTransaction(Commit.Request request, Commit.Answer answer, Values values,
		Waits waits) implements TransactionResult {

	@Override
	public Outcome outcome() {
		return this.answer.outcome();
	}

	@Override
	public long revision() {
		return this.answer.revision();
	}

	@Override
	public <T> Optional<VersionedValue<T>> get(EtcdKey<T> key) {
		TxnResponse response = this.answer.response();
		if (response == null) {
			throw new IllegalStateException("What the transaction has read of " + LockRequest.quote(key.name())
					+ " is not known, because the answer of etcd was lost: read it again");
		}
		Map<ByteString, KeyValue> reads = this.request.reads(response);
		KeyValue read = reads.get(TransactionRequest.bytes(key));
		if (read == null) {
			throw new IllegalArgumentException("The key " + LockRequest.quote(key.name())
					+ " was not read: add get() of it to the operations, or to the alternatives, that are carried out");
		}
		return versioned(read, key.type());
	}

	private <T> Optional<VersionedValue<T>> versioned(@Nullable KeyValue read, Class<T> type) {
		if (read == null || read.getModRevision() == 0) {
			return Optional.empty();
		}
		return Optional.of(new VersionedValue<>(this.values.read(read.getValue(), type), read.getVersion(),
				read.getCreateRevision(), read.getModRevision()));
	}

	@Override
	public CommittedTransaction resolve() {
		Commit commit = this.answer.commit();
		if (outcome() != Outcome.UNKNOWN || commit == null) {
			return this;
		}
		return new CommittedTransaction(this.request,
				this.waits.answer("find out whether it could " + this.request, commit.resolve()), this.values,
				this.waits);
	}

	@Override
	public String toString() {
		return "TransactionResult[" + outcome() + ", revision " + revision() + "]";
	}

}
