package io.github.etcdlock.etcd;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.EtcdCondition;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdOperation;
import io.github.etcdlock.recipe.EtcdTransaction;

/** A transaction of the application, in etcd's terms. */
final class TransactionRequest implements Commit.Request {

	private final EtcdTransaction transaction;

	private final KeySpace ours;

	private final Values values;

	/** What the values are in bytes, for a mapper may take its time. */
	private final Map<Object, ByteString> written = new IdentityHashMap<>();

	TransactionRequest(EtcdTransaction transaction, KeySpace ours, Values values) {
		this.transaction = transaction;
		this.ours = ours;
		this.values = values;
		// Whatever is wrong with it is said here, in the caller's thread.
		on(0);
	}

	@Override
	public TxnRequest.Builder on(long lease) {
		return request(this.transaction, lease);
	}

	@Override
	public boolean changesThen() {
		return changes(this.transaction.operations());
	}

	@Override
	public boolean changesElse() {
		return changes(this.transaction.alternatives());
	}

	@Override
	public boolean keepsSession() {
		return keepsSession(this.transaction);
	}

	private static boolean changes(List<EtcdOperation> operations) {
		return operations.stream()
			.anyMatch((operation) -> (operation instanceof EtcdTransaction nested)
					? changes(nested.operations()) || changes(nested.alternatives())
					: !(operation instanceof EtcdOperation.Get));
	}

	private static boolean keepsSession(EtcdOperation operation) {
		if (operation instanceof EtcdTransaction nested) {
			return nested.operations().stream().anyMatch(TransactionRequest::keepsSession)
					|| nested.alternatives().stream().anyMatch(TransactionRequest::keepsSession);
		}
		return operation instanceof EtcdOperation.Put<?> put && put.withSession();
	}

	private TxnRequest.Builder request(EtcdTransaction transaction, long lease) {
		TxnRequest.Builder request = TxnRequest.newBuilder();
		transaction.conditions().forEach((condition) -> request.addCompare(compare(condition)));
		transaction.operations().forEach((operation) -> request.addSuccess(operation(operation, lease)));
		transaction.alternatives().forEach((operation) -> request.addFailure(operation(operation, lease)));
		return request;
	}

	private Compare compare(EtcdCondition condition) {
		Compare.Builder compare = Compare.newBuilder()
			.setKey(bytes(condition.key()))
			.setResult(switch (condition.relation()) {
				case EQUAL -> Compare.CompareResult.EQUAL;
				case NOT_EQUAL -> Compare.CompareResult.NOT_EQUAL;
				case GREATER -> Compare.CompareResult.GREATER;
				case LESS -> Compare.CompareResult.LESS;
			});
		return (switch (condition.target()) {
			case VALUE -> compare.setTarget(Compare.CompareTarget.VALUE).setValue(written(condition.operand()));
			case VERSION -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion((Long) condition.operand());
			case CREATE_REVISION ->
				compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision((Long) condition.operand());
			case MOD_REVISION ->
				compare.setTarget(Compare.CompareTarget.MOD).setModRevision((Long) condition.operand());
		}).build();
	}

	private RequestOp operation(EtcdOperation operation, long lease) {
		RequestOp.Builder request = RequestOp.newBuilder();
		if (operation instanceof EtcdTransaction nested) {
			request.setRequestTxn(request(nested, lease));
		}
		else if (operation instanceof EtcdOperation.Put<?> put) {
			request.setRequestPut(PutRequest.newBuilder()
				.setKey(changeable(put.key()))
				.setValue(written(put.value()))
				.setLease(put.withSession() ? lease : 0));
		}
		else if (operation instanceof EtcdOperation.Delete delete) {
			request.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(changeable(delete.key())));
		}
		else if (operation instanceof EtcdOperation.Get get) {
			request.setRequestRange(RangeRequest.newBuilder().setKey(bytes(get.key())));
		}
		return request.build();
	}

	private ByteString written(Object value) {
		return this.written.computeIfAbsent(value, this.values::write);
	}

	private ByteString changeable(EtcdKey<?> key) {
		return changeable(key, this.ours);
	}

	static ByteString changeable(EtcdKey<?> key, KeySpace ours) {
		ByteString bytes = bytes(key);
		if (ours.covers(bytes)) {
			throw new IllegalArgumentException("The key " + LockRequest.quote(key.name())
					+ " is under the key prefix of the locks, where only they change keys: use another key");
		}
		return bytes;
	}

	static ByteString bytes(EtcdKey<?> key) {
		return ByteString.copyFromUtf8(key.name());
	}

	@Override
	public Map<ByteString, KeyValue> reads(TxnResponse response) {
		Map<ByteString, KeyValue> reads = new LinkedHashMap<>();
		collect(this.transaction, response, reads);
		return reads;
	}

	private static void collect(EtcdTransaction transaction, TxnResponse response, Map<ByteString, KeyValue> reads) {
		List<EtcdOperation> done = response.getSucceeded() ? transaction.operations() : transaction.alternatives();
		for (int i = 0; i < done.size(); i++) {
			if (done.get(i) instanceof EtcdTransaction nested) {
				collect(nested, response.getResponses(i).getResponseTxn(), reads);
			}
			else if (done.get(i) instanceof EtcdOperation.Get get) {
				reads.putIfAbsent(bytes(get.key()),
						response.getResponses(i)
							.getResponseRange()
							.getKvsList()
							.stream()
							.findFirst()
							.orElse(KeyValue.getDefaultInstance()));
			}
		}
	}

	@Override
	public String toString() {
		return "commit the transaction on " + LockRequest.quote(firstKey(this.transaction));
	}

	private static String firstKey(EtcdTransaction transaction) {
		for (List<EtcdOperation> operations : List.of(transaction.operations(), transaction.alternatives())) {
			for (EtcdOperation operation : operations) {
				if (operation instanceof EtcdOperation.Put<?> put) {
					return put.key().name();
				}
				if (operation instanceof EtcdOperation.Delete delete) {
					return delete.key().name();
				}
			}
		}
		return transaction.conditions().stream().map((condition) -> condition.key().name()).findFirst().orElse("");
	}

}
