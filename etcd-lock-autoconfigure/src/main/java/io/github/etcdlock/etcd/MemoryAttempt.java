package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.TransactionAction;
import io.github.etcdlock.recipe.TransactionMemory;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One run of an action: reads of one revision, that of the first read or of the conflict
 * before, and changes that are kept until the end. For one thread.
 */
final class MemoryAttempt implements TransactionMemory, Commit.Request {

	/** etcd has forgotten the revision that this attempt reads. */
	static final class TooOld extends RuntimeException {

		private static final long serialVersionUID = 1L;

		TooOld() {
			super("etcd was compacted while the action ran; it runs again", null, false, false);
		}

	}

	private final Engine engine;

	private final Waits waits;

	private final Values values;

	/** What a conflict has shown of the keys that were read before it. */
	private final Map<ByteString, KeyValue> known;

	private final Map<ByteString, KeyValue> reads = new LinkedHashMap<>();

	/** Null for a key that is to be deleted. */
	private final Map<ByteString, @Nullable ByteString> changes = new LinkedHashMap<>();

	/** Of every read; 0 before the first. */
	private long revision;

	private boolean tooOld;

	private boolean over;

	MemoryAttempt(Engine engine, Waits waits, Values values) {
		this(engine, waits, values, 0, Map.of());
	}

	private MemoryAttempt(Engine engine, Waits waits, Values values, long revision, Map<ByteString, KeyValue> known) {
		this.engine = engine;
		this.waits = waits;
		this.values = values;
		this.revision = revision;
		this.known = known;
	}

	/** The one that follows, which begins with what the conflict has shown. */
	MemoryAttempt after(Commit.@Nullable Answer conflict) {
		TxnResponse response = (conflict != null) ? conflict.response() : null;
		Map<ByteString, KeyValue> seen = new LinkedHashMap<>();
		if (conflict == null || response == null) {
			return new MemoryAttempt(this.engine, this.waits, this.values);
		}
		List<ByteString> asked = new ArrayList<>(this.reads.keySet());
		for (int i = 0; i < asked.size(); i++) {
			seen.put(asked.get(i), only(response.getResponses(i).getResponseRange()));
		}
		return new MemoryAttempt(this.engine, this.waits, this.values, conflict.revision(), seen);
	}

	/** Runs the action; what it returns counts unless this attempt is too old. */
	<R, E extends Exception> @Nullable R run(TransactionAction<R, E> action) throws E {
		try {
			return action.run(this);
		}
		catch (TooOld ex) {
			return null;
		}
		finally {
			this.over = true;
		}
	}

	// What the action does

	@Override
	public <T> Optional<T> get(EtcdKey<T> key) {
		check();
		ByteString bytes = TransactionRequest.bytes(key);
		if (this.changes.containsKey(bytes)) {
			return Optional.ofNullable(this.changes.get(bytes)).map((value) -> this.values.read(value, key.type()));
		}
		KeyValue read = this.reads.get(bytes);
		if (read == null) {
			KeyValue shown = this.known.get(bytes);
			read = (shown != null) ? shown : read(bytes, key.name());
			this.reads.put(bytes, read);
		}
		return (read.getModRevision() == 0) ? Optional.empty()
				: Optional.of(this.values.read(read.getValue(), key.type()));
	}

	@Override
	public <T> void put(EtcdKey<T> key, T value) {
		check();
		if (value == null) {
			throw new IllegalArgumentException("The value of the key " + LockRequest.quote(key.name())
					+ " must not be null: use delete() to take it away");
		}
		this.changes.put(TransactionRequest.changeable(key, this.engine.keys()), this.values.write(value));
	}

	@Override
	public void delete(EtcdKey<?> key) {
		check();
		this.changes.put(TransactionRequest.changeable(key, this.engine.keys()), null);
	}

	private void check() {
		if (this.over) {
			throw new IllegalStateException("The transaction is over: use its memory only inside of the action");
		}
	}

	private KeyValue read(ByteString key, String name) {
		if (this.tooOld) {
			throw new TooOld();
		}
		CompletableFuture<RangeResponse> answer = new CompletableFuture<>();
		RangeRequest request = RangeRequest.newBuilder().setKey(key).setRevision(this.revision).build();
		this.engine.store().range(request, this.engine.store().deadline(), answer::complete, (failure) -> {
			boolean compacted = failure.status().getCode() == Status.Code.OUT_OF_RANGE;
			answer.completeExceptionally(compacted ? new TooOld() : failure.unanswered());
		});
		try {
			RangeResponse response = this.waits.answer("read " + LockRequest.quote(name), answer);
			if (this.revision == 0) {
				this.revision = response.getHeader().getRevision();
			}
			return only(response);
		}
		catch (TooOld ex) {
			this.tooOld = true;
			throw ex;
		}
	}

	private static KeyValue only(RangeResponse response) {
		return (response.getKvsCount() > 0) ? response.getKvs(0) : KeyValue.getDefaultInstance();
	}

	// What becomes of it

	/** Whether the action, even if it does not say so, has to run again. */
	boolean tooOld() {
		return this.tooOld;
	}

	@Override
	public TxnRequest.Builder on(long lease) {
		TxnRequest.Builder request = TxnRequest.newBuilder();
		this.reads.forEach((key, read) -> {
			request.addCompare(modified(key, Compare.CompareResult.EQUAL, read.getModRevision()));
			request.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)));
		});
		this.changes.forEach((key, value) -> {
			if (!this.reads.containsKey(key) && this.revision > 0) {
				request.addCompare(modified(key, Compare.CompareResult.LESS, this.revision + 1));
			}
			request.addSuccess((value != null)
					? RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value)).build()
					: Slot.delete(key));
		});
		return request;
	}

	private static Compare modified(ByteString key, Compare.CompareResult relation, long revision) {
		return Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.MOD)
			.setResult(relation)
			.setModRevision(revision)
			.build();
	}

	@Override
	public boolean changesThen() {
		return !this.changes.isEmpty();
	}

	@Override
	public boolean changesElse() {
		return false;
	}

	@Override
	public boolean keepsSession() {
		return false;
	}

	@Override
	public String toString() {
		return "commit the transaction on " + LockRequest
			.quote(this.changes.keySet().stream().map(ByteString::toStringUtf8).findFirst().orElse(""));
	}

}
