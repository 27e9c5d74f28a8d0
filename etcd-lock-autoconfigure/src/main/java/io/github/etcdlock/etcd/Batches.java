package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;

/**
 * Sends guarded transactions. A lone one goes at once; those that come while enough are
 * under way gather, and go together, each still under its own guard, as soon as an answer
 * is there. Lives on the loop, and so do its answers.
 */
final class Batches {

	/** What etcd's answer to one guarded transaction is given to. */
	interface Answer {

		void answered(TxnResponse response, long revision);

	}

	/**
	 * With so many under way the next ones gather: the fewer, the larger what goes
	 * together, and the less it costs; with one alone etcd would be idle in between.
	 */
	static final int FEW = 2;

	/** Full batches do not wait, where etcd is far away. */
	private static final int MOST = 8;

	/** Well within etcd's limit of 128 operations, of which nested ones count. */
	private static final int LARGEST = 64;

	/** A request over more lines goes alone, for its own operations count too. */
	private static final int MOST_LINES = 8;

	private record Request(TxnRequest guarded, List<WaitLine> lines, long deadline, Answer answer,
			Consumer<EtcdFailure> failed) {
	}

	private final Loop loop;

	private final Store store;

	private List<Request> gathered = new ArrayList<>();

	private int underWay;

	/** How many batches were gathered. */
	private long count;

	Batches(Loop loop, Store store) {
		this.loop = loop;
		this.store = store;
	}

	/** One attempt; both the answer and the failure come on the loop. */
	void send(TxnRequest guarded, List<WaitLine> lines, long deadline, Answer answer, Consumer<EtcdFailure> failed) {
		Request request = new Request(guarded, lines, deadline, answer, failed);
		if (this.underWay < FEW || lines.size() > MOST_LINES) {
			alone(request);
			return;
		}
		this.gathered.add(request);
		if (this.gathered.size() >= LARGEST && this.underWay < MOST) {
			sendGathered();
		}
	}

	private void alone(Request request) {
		this.underWay++;
		this.store.txn(request.guarded(), request.deadline(), (response) -> this.loop.run(() -> {
			done();
			request.answer().answered(response, response.getHeader().getRevision());
		}), (failure) -> this.loop.run(() -> {
			done();
			request.failed().accept(failure);
		}));
	}

	private void done() {
		this.underWay--;
		if (!this.gathered.isEmpty() && this.underWay < FEW) {
			sendGathered();
		}
	}

	private void sendGathered() {
		List<Request> next = next();
		if (next.size() == 1) {
			alone(next.get(0));
		}
		else {
			together(next);
		}
	}

	/**
	 * The oldest, but one for each line: etcd evaluates every guard before the first
	 * operation, so two of one line would not see each other.
	 */
	private List<Request> next() {
		List<Request> next = new ArrayList<>(this.gathered.size());
		List<Request> later = new ArrayList<>();
		long number = ++this.count;
		int size = 0;
		for (Request request : this.gathered) {
			if (size < LARGEST && joins(number, request.lines())) {
				size += request.lines().size();
				next.add(request);
			}
			else {
				later.add(request);
			}
		}
		this.gathered = later;
		return next;
	}

	/** Notes the lines as those of a batch, if it has none of them already. */
	private static boolean joins(long batch, List<WaitLine> lines) {
		for (WaitLine line : lines) {
			if (line.batch() == batch) {
				return false;
			}
		}
		lines.forEach((line) -> line.batch(batch));
		return true;
	}

	private void together(List<Request> requests) {
		this.underWay++;
		TxnRequest.Builder batch = TxnRequest.newBuilder();
		for (Request request : requests) {
			batch.addSuccess(RequestOp.newBuilder().setRequestTxn(request.guarded()));
		}
		this.store.txn(batch.build(), this.store.deadline(), (response) -> this.loop.run(() -> {
			done();
			long revision = response.getHeader().getRevision();
			for (int i = 0; i < requests.size(); i++) {
				requests.get(i).answer().answered(response.getResponses(i).getResponseTxn(), revision);
			}
		}), (failure) -> this.loop.run(() -> {
			done();
			if (failure.applied() || failure.passing()) {
				requests.forEach((request) -> request.failed().accept(failure));
			}
			else {
				// Nothing was carried out, and only one of them may be to blame.
				requests.forEach(this::alone);
			}
		}));
	}

}
