package io.github.etcdlock.etcd;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.TransactionResult.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A text that processes change according to what it says. Each change is carried out
 * once, though an answer is lost. What this process saw last is tried first, so a change
 * that nobody disturbs is one write.
 */
final class Register {

	private final Engine engine;

	private final Commits commits;

	private final Waits waits;

	private final ByteString key;

	/** Threads of one process would only disturb each other. */
	private final ReentrantLock turn = new ReentrantLock(true);

	private @Nullable String text;

	private long revision;

	Register(Engine engine, Commits commits, Waits waits, ByteString key) {
		this.engine = engine;
		this.commits = commits;
		this.waits = waits;
		this.key = key;
	}

	/**
	 * Changes the text.
	 * @param operation what is done, for messages
	 * @param change the new text, or null to leave it as it is
	 * @return the new text, or null if it was left as it is
	 */
	@Nullable String change(String operation, Function<@Nullable String, @Nullable String> change) {
		return this.waits.<@Nullable String>alone(this.turn, operation, () -> changed(operation, change));
	}

	private @Nullable String changed(String operation, Function<@Nullable String, @Nullable String> change) {
		long end = this.engine.store().deadline();
		boolean current = false;
		do {
			String changed = change.apply(this.text);
			if (changed != null && put(operation, changed)) {
				return changed;
			}
			if (changed == null && current) {
				return null;
			}
			if (changed == null) {
				seen(read(operation));
			}
			current = true;
		}
		while (this.engine.clock().nanos() < end);
		throw new LockUnavailableException("Could not " + operation
				+ ": others changed it meanwhile, again and again. Nothing was changed; try again");
	}

	/** Where it is in etcd, for messages. */
	String key() {
		return this.key.toStringUtf8();
	}

	/** What it says now. */
	@Nullable String get(String operation) {
		RangeResponse response = read(operation);
		if (this.turn.tryLock()) {
			try {
				seen(response);
			}
			finally {
				this.turn.unlock();
			}
		}
		return (response.getKvsCount() > 0) ? response.getKvs(0).getValue().toStringUtf8() : null;
	}

	private RangeResponse read(String operation) {
		return this.waits.answer(operation, this.engine.read(RangeRequest.newBuilder().setKey(this.key).build()));
	}

	private void seen(RangeResponse response) {
		KeyValue value = (response.getKvsCount() > 0) ? response.getKvs(0) : null;
		this.text = (value != null) ? value.getValue().toStringUtf8() : null;
		this.revision = (value != null) ? value.getModRevision() : 0;
	}

	/** Whether it was as we had seen it; else it is seen anew. */
	private boolean put(String operation, String changed) {
		Commit.Answer answer = this.commits.begin(new Put(this.key, this.revision, changed))
			.await(this.waits, operation);
		if (answer.outcome() == Outcome.UNKNOWN) {
			this.revision = -1;
			throw new LockUnavailableException("Could perhaps not " + operation
					+ ": etcd gave no answer in time, so it is done or not, and will not be tried again");
		}
		if (answer.outcome() == Outcome.COMMITTED) {
			this.text = changed;
			this.revision = answer.revision();
			return true;
		}
		if (answer.response() != null) {
			seen(answer.response().getResponses(0).getResponseRange());
		}
		else {
			seen(read(operation));
		}
		return false;
	}

	/** Puts the text if it was last changed then; else reads it. */
	private record Put(ByteString key, long revision, String text) implements Commit.Request {

		@Override
		public TxnRequest.Builder on(long lease) {
			return TxnRequest.newBuilder()
				.addCompare(Compare.newBuilder()
					.setKey(this.key)
					.setTarget(Compare.CompareTarget.MOD)
					.setResult(Compare.CompareResult.EQUAL)
					.setModRevision(this.revision))
				.addSuccess(RequestOp.newBuilder()
					.setRequestPut(
							PutRequest.newBuilder().setKey(this.key).setValue(ByteString.copyFromUtf8(this.text))))
				.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(this.key)));
		}

		@Override
		public boolean changesThen() {
			return true;
		}

		@Override
		public boolean changesElse() {
			return false;
		}

		@Override
		public boolean keepsSession() {
			return false;
		}

	}

}
