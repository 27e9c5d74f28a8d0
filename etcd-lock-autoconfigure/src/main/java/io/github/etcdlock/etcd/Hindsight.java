package io.github.etcdlock.etcd;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/**
 * What etcd has answered to transactions though nobody heard it: reads what was there
 * just before, which etcd remembers until it is compacted, and concludes. Knows what our
 * own transactions consist of: compares for equality and operations on single keys, reads
 * before writes.
 */
final class Hindsight {

	/** Well within etcd's limit of 128 operations. */
	private static final int MOST = 120;

	private final Engine engine;

	private final List<TxnRequest> requests;

	private final long before;

	private final Map<ByteString, KeyValue> then = new HashMap<>();

	/**
	 * Prepares it.
	 * @param before the revision before the one at which they were carried out
	 */
	Hindsight(Engine engine, List<TxnRequest> requests, long before) {
		this.engine = engine;
		this.requests = requests;
		this.before = before;
	}

	/**
	 * Finds out which branches were taken, then what those have read: so it asks for no
	 * more values than the answer had.
	 */
	void ask(Consumer<List<TxnResponse>> answered, Consumer<EtcdFailure> failed) {
		Set<ByteString> keys = new LinkedHashSet<>();
		this.requests.forEach((request) -> collect(request, keys));
		read(List.copyOf(keys), true, () -> read(shown(), false, () -> answered.accept(answers()), failed), failed);
	}

	/** As many in one request as etcd takes, then the rest. */
	private void read(List<ByteString> keys, boolean withoutValues, Runnable done, Consumer<EtcdFailure> failed) {
		if (keys.isEmpty()) {
			done.run();
			return;
		}
		List<ByteString> part = keys.subList(0, Math.min(MOST, keys.size()));
		TxnRequest.Builder request = TxnRequest.newBuilder();
		part.forEach((key) -> request.addSuccess(RequestOp.newBuilder()
			.setRequestRange(
					RangeRequest.newBuilder().setKey(key).setRevision(this.before).setKeysOnly(withoutValues))));
		this.engine.store()
			.repeatTxn(request.build(), this.engine.store().deadline(), (response) -> this.engine.loop().run(() -> {
				response.getResponsesList().forEach((one) -> remember(one.getResponseRange()));
				read(keys.subList(part.size(), keys.size()), withoutValues, done, failed);
			}), (failure) -> this.engine.loop().run(() -> failed.accept(failure)));
	}

	private void remember(RangeResponse response) {
		response.getKvsList().forEach((entry) -> this.then.put(entry.getKey(), entry));
	}

	private List<TxnResponse> answers() {
		return this.requests.stream().map(this::answer).toList();
	}

	/** The keys whose values were in the answer. */
	private List<ByteString> shown() {
		Set<ByteString> keys = new LinkedHashSet<>();
		answers().forEach((answer) -> collect(answer, keys));
		return List.copyOf(keys);
	}

	private static void collect(TxnResponse answer, Set<ByteString> keys) {
		for (ResponseOp one : answer.getResponsesList()) {
			collect(one.getResponseTxn(), keys);
			one.getResponseRange().getKvsList().forEach((entry) -> keys.add(entry.getKey()));
			one.getResponseDeleteRange().getPrevKvsList().forEach((entry) -> keys.add(entry.getKey()));
		}
	}

	private static void collect(TxnRequest request, Set<ByteString> keys) {
		request.getCompareList().forEach((compare) -> keys.add(compare.getKey()));
		request.getSuccessList().forEach((operation) -> collect(operation, keys));
		request.getFailureList().forEach((operation) -> collect(operation, keys));
	}

	private static void collect(RequestOp operation, Set<ByteString> keys) {
		switch (operation.getRequestCase()) {
			case REQUEST_TXN -> collect(operation.getRequestTxn(), keys);
			case REQUEST_RANGE -> keys.add(operation.getRequestRange().getKey());
			case REQUEST_DELETE_RANGE -> keys.add(operation.getRequestDeleteRange().getKey());
			case REQUEST_PUT -> keys.add(operation.getRequestPut().getKey());
			case REQUEST_NOT_SET -> throw new IllegalStateException("An operation of ours does nothing");
		}
	}

	private TxnResponse answer(TxnRequest request) {
		boolean succeeded = request.getCompareList().stream().allMatch(this::holds);
		TxnResponse.Builder answer = TxnResponse.newBuilder().setSucceeded(succeeded);
		(succeeded ? request.getSuccessList() : request.getFailureList())
			.forEach((operation) -> answer.addResponses(answer(operation)));
		return answer.build();
	}

	private boolean holds(Compare compare) {
		KeyValue entry = this.then.getOrDefault(compare.getKey(), KeyValue.getDefaultInstance());
		return switch (compare.getTarget()) {
			case CREATE -> entry.getCreateRevision() == compare.getCreateRevision();
			case MOD -> entry.getModRevision() == compare.getModRevision();
			case VERSION -> entry.getVersion() == compare.getVersion();
			default -> throw new IllegalStateException("No guard of ours compares a " + compare.getTarget());
		};
	}

	private ResponseOp answer(RequestOp operation) {
		ResponseOp.Builder answer = ResponseOp.newBuilder();
		switch (operation.getRequestCase()) {
			case REQUEST_TXN -> answer.setResponseTxn(answer(operation.getRequestTxn()));
			case REQUEST_RANGE -> {
				RangeResponse.Builder range = RangeResponse.newBuilder();
				KeyValue entry = this.then.get(operation.getRequestRange().getKey());
				answer.setResponseRange((entry != null) ? range.addKvs(entry).setCount(1) : range);
			}
			case REQUEST_DELETE_RANGE -> {
				DeleteRangeResponse.Builder delete = DeleteRangeResponse.newBuilder();
				KeyValue entry = this.then.get(operation.getRequestDeleteRange().getKey());
				answer.setResponseDeleteRange((entry != null) ? delete.addPrevKvs(entry).setDeleted(1) : delete);
			}
			default -> answer.setResponsePut(PutResponse.getDefaultInstance());
		}
		return answer.build();
	}

}
