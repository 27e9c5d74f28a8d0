package io.github.etcdlock.etcd;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.etcd.Marker.Fate;
import io.github.etcdlock.recipe.TransactionResult.Outcome;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on its way. It is asked for once; when the answer is lost its marker
 * tells what became of it, or ends it, and only then it is asked for again. Lives on the
 * loop, its outcome anywhere.
 */
final class Commit {

	/** What is to be carried out. */
	interface Request {

		/** The transaction, with what hangs on a lease on this one. */
		TxnRequest.Builder on(long lease);

		/** Whether something changes if the conditions hold. */
		boolean changesThen();

		/** Whether something changes if they do not. */
		boolean changesElse();

		/** Whether something is put that is to stay as long as the session. */
		boolean keepsSession();

		/** What was read, by key; a default instance for a key that is not there. */
		default Map<ByteString, KeyValue> reads(TxnResponse response) {
			return Map.of();
		}

	}

	/**
	 * What is known of it.
	 *
	 * @param outcome the outcome
	 * @param response what etcd has answered, if that is known
	 * @param revision when it was carried out, or 0
	 * @param commit what can find out where it is unknown
	 */
	record Answer(Outcome outcome, @Nullable TxnResponse response, long revision, @Nullable Commit commit) {
	}

	private final Engine engine;

	private final Commits commits;

	private final Request request;

	private final CompletableFuture<Answer> outcome = new CompletableFuture<>();

	private long deadline;

	private int repetitions;

	private boolean begun;

	/** Of what may have been carried out, or may be yet. */
	private @Nullable Marker marker;

	Commit(Engine engine, Commits commits, Request request) {
		this.engine = engine;
		this.commits = commits;
		this.request = request;
	}

	/**
	 * Waits for the outcome. A thread that has heard nothing in time, as after a pause of
	 * the process, does not know it, whatever etcd has answered; then it is not asked
	 * again.
	 * @param operation what is done, for messages
	 */
	Answer await(Waits waits, String operation) {
		try {
			return waits.answer(operation, this.outcome);
		}
		catch (LockUnavailableException ex) {
			this.outcome.complete(unknown());
			if (this.outcome.isCompletedExceptionally()) {
				throw ex;
			}
			return this.outcome.join();
		}
	}

	void begin() {
		Session session = this.commits.session();
		session.whenStarted(new Session.Starter() {

			@Override
			public void started() {
				if (!Commit.this.begun) {
					Commit.this.begun = true;
					Commit.this.deadline = Commit.this.engine.store().deadline();
				}
				if (!Commit.this.outcome.isDone()) {
					ask(Commit.this.commits.marker(session));
				}
			}

			@Override
			public void failed(EtcdFailure failure) {
				Commit.this.outcome.completeExceptionally(failure.unanswered());
			}

		});
	}

	private void ask(Marker marker) {
		this.marker = marker;
		marker.session().touch();
		if (this.request.keepsSession()) {
			marker.session().keep();
		}
		TxnRequest guarded = marker.guard(this.request.on(marker.session().lease()), this.request.changesThen(),
				this.request.changesElse());
		this.engine.store()
			.txn(guarded, this.deadline, (response) -> this.engine.loop().run(() -> answered(marker, response)),
					(failure) -> this.engine.loop().run(() -> failed(marker, failure)));
	}

	private void answered(Marker marker, TxnResponse response) {
		if (!response.getSucceeded()) {
			// Somebody has laid hands on the marker: nothing was carried out.
			this.marker = null;
			again(new EtcdFailure(Status.ABORTED.withDescription("its marker was changed by others"), false));
			return;
		}
		TxnResponse inner = response.getResponses(0).getResponseTxn();
		long revision = response.getHeader().getRevision();
		boolean changed = inner.getSucceeded() ? this.request.changesThen() : this.request.changesElse();
		done(marker, changed ? revision : 0,
				new Answer(inner.getSucceeded() ? Outcome.COMMITTED : Outcome.NOT_COMMITTED, inner, revision, this));
	}

	/** The marker stays as it is for whoever does not know the outcome, and may ask. */
	private void done(Marker marker, long revision, Answer answer) {
		if (this.outcome.complete(answer)) {
			free(marker, revision);
		}
	}

	/** The marker can serve another. */
	private void free(Marker marker, long revision) {
		this.marker = null;
		if (revision > 0) {
			marker.changed(revision);
		}
		this.commits.done(marker);
	}

	private void failed(Marker marker, EtcdFailure failure) {
		if (failure.applied()) {
			lost(marker, failure);
			return;
		}
		if (failure.leaseGone()) {
			this.marker = null;
			marker.session().leaseGone();
		}
		else {
			free(marker, 0);
		}
		if (failure.leaseGone() || failure.passing()) {
			again(failure);
		}
		else if (failure.status().getCode() == Status.Code.INVALID_ARGUMENT) {
			this.outcome.completeExceptionally(
					new IllegalArgumentException("etcd refuses the transaction, and nothing was changed ("
							+ failure.text() + "): it may change each key once, and have at most about 120 "
							+ "operations unless etcd runs with a larger --max-txn-ops"));
		}
		else {
			this.outcome.completeExceptionally(failure.unanswered());
		}
	}

	/** What was asked for so far has changed nothing, and never will. */
	private void again(EtcdFailure reason) {
		long pause = this.engine.store().pause(this.repetitions++);
		if (this.engine.clock().nanos() + pause >= this.deadline) {
			this.outcome.completeExceptionally(reason.unanswered());
		}
		else if (pause == 0) {
			begin();
		}
		else {
			this.engine.later(pause, this::begin);
		}
	}

	/**
	 * The answer was lost: finds out what became of it, and asks again where that is
	 * nothing.
	 */
	private void lost(Marker marker, EtcdFailure failure) {
		end(marker, this.deadline, (fate, revision) -> {
			if (fate == Fate.UNKNOWN) {
				this.outcome.complete(unknown());
				return;
			}
			if (fate == Fate.ENDED) {
				free(marker, revision);
				again(failure);
			}
			else {
				done(marker, revision, known(fate, revision));
			}
		}, (unanswered) -> this.outcome.complete(unknown()));
	}

	/** Finds out once more what became of it; from anywhere. */
	CompletableFuture<Answer> resolve() {
		CompletableFuture<Answer> found = new CompletableFuture<>();
		this.engine.loop().run(() -> {
			Marker marker = this.marker;
			if (marker == null) {
				// Nothing is on its way, and nothing will be asked for any more.
				found.complete(new Answer(Outcome.NOT_COMMITTED, null, 0, this));
				return;
			}
			// The marker stays as it is, for whoever asks again.
			end(marker, this.engine.store().deadline(),
					(fate, revision) -> found.complete((fate == Fate.UNKNOWN) ? unknown() : known(fate, revision)),
					(unanswered) -> found.completeExceptionally(unanswered.unanswered()));
		});
		return found;
	}

	private void end(Marker marker, long deadline, Ending ending, Consumer<EtcdFailure> failed) {
		this.engine.store().repeatTxn(marker.end(), deadline, (response) -> this.engine.loop().run(() -> {
			Fate fate = Marker.fate(response);
			ending.ended(fate, (fate == Fate.UNKNOWN) ? 0 : Marker.revision(response));
		}), (failure) -> this.engine.loop().run(() -> {
			if (failure.leaseGone()) {
				marker.session().leaseGone();
				ending.ended(Fate.UNKNOWN, 0);
			}
			else {
				failed.accept(failure);
			}
		}));
	}

	private interface Ending {

		void ended(Fate fate, long revision);

	}

	private Answer unknown() {
		return new Answer(Outcome.UNKNOWN, null, 0, this);
	}

	private Answer known(Fate fate, long revision) {
		return (fate == Fate.COMMITTED) ? new Answer(Outcome.COMMITTED, null, revision, this)
				: new Answer(Outcome.NOT_COMMITTED, null, 0, this);
	}

}
