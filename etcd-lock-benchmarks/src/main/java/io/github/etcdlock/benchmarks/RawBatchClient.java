package io.github.etcdlock.benchmarks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/**
 * No lock at all: the two requests that etcd-lock sends for a lock that nobody else
 * wants, gathered as it gathers them, through the plain gRPC stubs. This is what is left
 * for a client whose requests go together, on the cores it shares with etcd.
 */
final class RawBatchClient implements LockClient {

	/** With so many under way, what comes next gathers. */
	private static final int FEW = 2;

	private static final int LARGEST = 64;

	private record Part(TxnRequest request, CompletableFuture<Long> revision) {
	}

	private final EtcdChannel etcd;

	private final LineRequests requests;

	private final Deque<Part> gathered = new ArrayDeque<>();

	private int underWay;

	RawBatchClient(String address) {
		this.etcd = new EtcdChannel(address);
		this.requests = new LineRequests(this.etcd);
	}

	@Override
	public Held lock(String key) throws Exception {
		long revision = ask(this.requests.take(key, 0).build()).get();
		TxnRequest release = this.requests.release(key, 0, revision);
		return () -> ask(release).get();
	}

	private CompletableFuture<Long> ask(TxnRequest request) {
		Part part = new Part(request, new CompletableFuture<>());
		send(next(part));
		return part.revision();
	}

	private synchronized List<Part> next(Part part) {
		this.gathered.add(part);
		return next();
	}

	private synchronized List<Part> nextAfterAnswer() {
		this.underWay--;
		return next();
	}

	private List<Part> next() {
		List<Part> next = new ArrayList<>();
		if (this.underWay < FEW) {
			while (next.size() < LARGEST && !this.gathered.isEmpty()) {
				next.add(this.gathered.remove());
			}
			this.underWay += next.isEmpty() ? 0 : 1;
		}
		return next;
	}

	private void send(List<Part> parts) {
		if (parts.isEmpty()) {
			return;
		}
		TxnRequest.Builder batch = TxnRequest.newBuilder();
		parts.forEach((part) -> batch.addSuccess(RequestOp.newBuilder().setRequestTxn(part.request())));
		TxnRequest request = (parts.size() == 1) ? parts.get(0).request() : batch.build();
		Futures.addCallback(this.etcd.keys().txn(request), new FutureCallback<>() {

			@Override
			public void onSuccess(TxnResponse response) {
				send(nextAfterAnswer());
				for (int i = 0; i < parts.size(); i++) {
					answered(parts.get(i), (parts.size() == 1) ? response : response.getResponses(i).getResponseTxn(),
							response.getHeader().getRevision());
				}
			}

			@Override
			public void onFailure(Throwable failure) {
				send(nextAfterAnswer());
				parts.forEach((part) -> part.revision().completeExceptionally(failure));
			}

		}, MoreExecutors.directExecutor());
	}

	private static void answered(Part part, TxnResponse response, long revision) {
		if (response.getSucceeded()) {
			part.revision().complete(revision);
		}
		else {
			part.revision().completeExceptionally(new IllegalStateException("Somebody else has this lock"));
		}
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
