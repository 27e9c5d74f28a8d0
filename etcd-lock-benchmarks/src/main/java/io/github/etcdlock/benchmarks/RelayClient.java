package io.github.etcdlock.benchmarks;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;

/**
 * No lock at all: the request with which etcd-lock hands over a lock inside a process,
 * through the plain gRPC stubs. One thread sends it, and with its answer another one goes
 * on.
 */
final class RelayClient implements LockClient {

	/** One is enough: it takes part where everybody wants the same key. */
	private static final String KEY = "relay";

	private final EtcdChannel etcd;

	private final LineRequests requests;

	private final Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();

	private boolean held;

	/** Of two names, for one is used again only when its end is confirmed. */
	private volatile int number;

	private volatile long revision;

	RelayClient(String address) {
		this.etcd = new EtcdChannel(address);
		this.requests = new LineRequests(this.etcd);
	}

	@Override
	public Held lock(String key) throws Exception {
		CompletableFuture<Void> turn = turn();
		if (turn != null) {
			turn.get();
		}
		return () -> handOver().get();
	}

	private CompletableFuture<Void> handOver() {
		TxnRequest.Builder request = this.requests.take(KEY, 1 - this.number);
		if (this.revision > 0) {
			request.mergeFrom(this.requests.release(KEY, this.number, this.revision));
		}
		CompletableFuture<Void> done = new CompletableFuture<>();
		Futures.addCallback(this.etcd.keys().txn(request.build()), new FutureCallback<>() {

			@Override
			public void onSuccess(TxnResponse response) {
				if (response.getSucceeded()) {
					handedOver(response.getHeader().getRevision());
					done.complete(null);
				}
				else {
					onFailure(new IllegalStateException("Somebody else wrote the line"));
				}
			}

			@Override
			public void onFailure(Throwable failure) {
				done.completeExceptionally(failure);
				failWaiting(failure);
			}

		}, MoreExecutors.directExecutor());
		return done;
	}

	private void handedOver(long revision) {
		this.number = 1 - this.number;
		this.revision = revision;
		CompletableFuture<Void> next = next();
		if (next != null) {
			next.complete(null);
		}
	}

	private synchronized @Nullable CompletableFuture<Void> turn() {
		if (!this.held) {
			this.held = true;
			return null;
		}
		CompletableFuture<Void> turn = new CompletableFuture<>();
		this.waiting.add(turn);
		return turn;
	}

	private synchronized @Nullable CompletableFuture<Void> next() {
		CompletableFuture<Void> next = this.waiting.poll();
		this.held = next != null;
		return next;
	}

	private synchronized void failWaiting(Throwable failure) {
		this.waiting.forEach((turn) -> turn.completeExceptionally(failure));
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
