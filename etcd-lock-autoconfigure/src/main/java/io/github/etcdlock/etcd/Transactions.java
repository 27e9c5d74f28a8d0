package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.TransactionAction;
import io.github.etcdlock.recipe.TransactionConflictException;
import io.github.etcdlock.recipe.TransactionResult;
import io.github.etcdlock.recipe.TransactionResult.Outcome;
import io.github.etcdlock.recipe.TransactionUnknownException;
import org.jspecify.annotations.Nullable;

/** Transactions on keys of the application's own. */
final class Transactions implements EtcdTransactions {

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

	private static final int LONGEST_PAUSE = 6;

	private final Engine engine;

	private final Commits commits;

	private final Waits waits;

	private final Values values;

	Transactions(Engine engine, Commits commits, Waits waits, Values values) {
		this.engine = engine;
		this.commits = commits;
		this.waits = waits;
		this.values = values;
	}

	@Override
	public TransactionResult commit(EtcdTransaction transaction) {
		TransactionRequest request = new TransactionRequest(transaction, this.engine.keys(), this.values);
		return new CommittedTransaction(request, commit(request), this.values, this.waits);
	}

	private Commit.Answer commit(Commit.Request request) {
		boolean changes = request.changesThen() || request.changesElse();
		return changes ? this.commits.begin(request).await(this.waits, request.toString())
				: this.waits.answer(request.toString(), read(request));
	}

	/** What changes nothing may be asked twice. */
	private CompletableFuture<Commit.Answer> read(Commit.Request request) {
		CompletableFuture<Commit.Answer> answer = new CompletableFuture<>();
		this.engine.store()
			.repeatTxn(request.on(0).build(), this.engine.store().deadline(),
					(response) -> answer.complete(answer(response)),
					(failure) -> answer.completeExceptionally(failure.unanswered()));
		return answer;
	}

	private static Commit.Answer answer(TxnResponse response) {
		return new Commit.Answer(response.getSucceeded() ? Outcome.COMMITTED : Outcome.NOT_COMMITTED, response,
				response.getHeader().getRevision(), null);
	}

	@Override
	public <R, E extends Exception> R run(TransactionAction<R, E> action) throws E {
		return run(this.engine.settings().waitTime(), action);
	}

	@Override
	public <R, E extends Exception> R run(Duration wait, TransactionAction<R, E> action) throws E {
		if (wait.isNegative()) {
			throw new IllegalArgumentException(
					"The time for conflicts must not be negative, but was " + wait + ": use zero to run once");
		}
		long start = this.engine.clock().nanos();
		MemoryAttempt attempt = new MemoryAttempt(this.engine, this.waits, this.values);
		for (int conflicts = 0;; conflicts++) {
			R result = attempt.run(action);
			Commit.Answer conflict = null;
			if (!attempt.tooOld()) {
				conflict = attempt.changesThen() ? conflict(attempt) : null;
				if (conflict == null) {
					return result;
				}
			}
			if (this.engine.clock().nanos() - start >= Waits.nanos(wait) || !pause(conflicts)) {
				throw conflict(attempt, conflicts + 1, Duration.ofNanos(this.engine.clock().nanos() - start));
			}
			attempt = attempt.after(conflict);
		}
	}

	/**
	 * Makes the changes, and returns null, or else what others have changed meanwhile.
	 */
	private Commit.@Nullable Answer conflict(MemoryAttempt attempt) {
		CommittedTransaction done = new CommittedTransaction(attempt, commit(attempt), this.values, this.waits);
		if (done.outcome() == Outcome.UNKNOWN) {
			done = resolved(done);
		}
		return done.committed() ? null : done.answer();
	}

	private static CommittedTransaction resolved(CommittedTransaction unknown) {
		String reason = "the session has ended, and with it the mark that would tell";
		LockUnavailableException cause = null;
		try {
			CommittedTransaction done = unknown.resolve();
			if (done.outcome() != Outcome.UNKNOWN) {
				return done;
			}
		}
		catch (LockUnavailableException ex) {
			reason = "etcd did not say; ask result().resolve() later";
			cause = ex;
		}
		throw new TransactionUnknownException("Could perhaps not " + unknown.request()
				+ ": it is made or not, and will not be tried again (" + reason + ")", unknown, cause);
	}

	/** Lets others be done first; false when the thread is interrupted meanwhile. */
	private boolean pause(int conflicts) {
		long longest = PAUSE << Math.min(conflicts, LONGEST_PAUSE);
		try {
			this.waits.within(Duration.ofNanos(ThreadLocalRandom.current().nextLong(longest)), "pause",
					new CompletableFuture<Void>());
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static TransactionConflictException conflict(MemoryAttempt attempt, int conflicts, Duration time) {
		return new TransactionConflictException("Could not " + attempt + ": others changed what it uses each of "
				+ conflicts + " times it ran in " + Ticket.show(time)
				+ (Thread.currentThread().isInterrupted() ? ", and then the thread was interrupted" : "")
				+ ". Nothing was changed; use fewer keys that everybody changes, or a longer wait");
	}

}
