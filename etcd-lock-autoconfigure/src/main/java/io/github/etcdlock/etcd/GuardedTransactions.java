package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of others, sent as the engine sends its own: with a deadline, and to
 * another member when one does not answer. Safe for use by many threads.
 */
public final class GuardedTransactions {

	/** How long what hangs on the lease outlives a process that dies. */
	private final long ttlSeconds;

	private final Engine engine;

	private final Sessions sessions;

	private final Object endpoints;

	GuardedTransactions(Engine engine, Sessions sessions, Object endpoints, Duration ttl) {
		this.engine = engine;
		this.sessions = sessions;
		this.endpoints = endpoints;
		this.ttlSeconds = ttl.toSeconds();
	}

	/**
	 * The etcd key that everything of this library lives under.
	 * @return the prefix, without a slash at its end
	 */
	public String keyPrefix() {
		return this.engine.settings().keyPrefix();
	}

	/**
	 * How long an answer may take at most.
	 * @return the time
	 */
	public Duration patience() {
		return this.engine.settings().requestTimeout().multipliedBy(3);
	}

	/**
	 * The lease of a session that lives until the engine is closed, unless etcd cannot be
	 * reached for its time to live.
	 * @return the lease's id; fails with {@link LockUnavailableException}
	 */
	public CompletableFuture<Long> lease() {
		CompletableFuture<Long> lease = new CompletableFuture<>();
		this.engine.loop().run(() -> {
			Session session = this.sessions.lasting(this.ttlSeconds);
			session.whenStarted(new Session.Starter() {

				@Override
				public void started() {
					GuardedTransactions.this.engine.timers().callback(() -> lease.complete(session.lease()));
				}

				@Override
				public void failed(EtcdFailure failure) {
					fail(lease, "gave no lease", failure);
				}

			});
		});
		return lease;
	}

	/**
	 * Carries out a transaction that changes nothing if it is carried out again.
	 * @param <A> the caller's answer
	 * @param request the transaction
	 * @param answer makes the caller's answer of etcd's, which is null if nobody knows
	 * whether the transaction was carried out, and of whether it was sent more than once,
	 * so that one of them may still be on its way
	 * @return the answer; fails with {@link LockUnavailableException} if nothing was
	 * changed
	 */
	public <A> CompletableFuture<A> transact(TxnRequest request, BiFunction<@Nullable TxnResponse, Boolean, A> answer) {
		CompletableFuture<A> done = new CompletableFuture<>();
		long deadline = this.engine.store().deadline();
		this.engine.store()
			.txn(request, deadline, (response) -> complete(done, () -> answer.apply(response, false)), (first) -> {
				Consumer<EtcdFailure> failed = (failure) -> {
					if (failure.applied()) {
						complete(done, () -> answer.apply(null, true));
					}
					else {
						fail(done, "did not carry out the transaction", failure);
					}
				};
				if (first.passing()) {
					this.engine.store()
						.repeatTxn(request, deadline,
								(response) -> complete(done, () -> answer.apply(response, first.applied())),
								(failure) -> failed.accept(failure.after(first)));
				}
				else {
					failed.accept(first);
				}
			});
		return done;
	}

	private <A> void complete(CompletableFuture<A> done, Supplier<A> answer) {
		this.engine.timers().callback(() -> done.complete(answer.get()));
	}

	private void fail(CompletableFuture<?> done, String what, EtcdFailure failure) {
		LockUnavailableException refusal = new LockUnavailableException(
				"etcd at " + this.endpoints + " " + what + " (" + failure.text() + ")", failure.cause());
		this.engine.timers().callback(() -> done.completeExceptionally(refusal));
	}

}
