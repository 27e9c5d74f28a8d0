package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions one after the other, each of which also puts the lane's own key, and is
 * carried out only if that key was put as often as the lane knows. So the same
 * transaction may be sent again and again, and an early attempt that arrives late changes
 * nothing. When there is no answer at all, the lane goes on putting its key alone until
 * etcd says which of the two came first. Lives on the loop.
 */
final class Lane {

	private static final Logger logger = LoggerFactory.getLogger(Lane.class);

	/** What a lane puts alone, to be told from what it puts with a batch. */
	private static final ByteString FENCE = ByteString.copyFromUtf8("fence");

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

	/** A request as it was sent. */
	record Sent(Once once, TxnRequest request, Session session) {
	}

	private final Engine engine;

	private final Session session;

	private final Lanes lanes;

	private final ByteString key;

	/** How often the lane's key was put. */
	private long version;

	private List<Sent> batch = List.of();

	/** To be sent one by one, for etcd has refused them together. */
	private final Deque<Sent> singly = new ArrayDeque<>();

	private long deadline;

	private int repetition;

	/** Whether etcd may have carried out an attempt. */
	private boolean maybe;

	/** What etcd says to a repetition, when an earlier attempt may yet be carried out. */
	private @Nullable EtcdFailure refusal;

	private boolean broken;

	Lane(Engine engine, Session session, Lanes lanes, int number) {
		this.engine = engine;
		this.session = session;
		this.lanes = lanes;
		this.key = engine.keys().lane(session.lease(), number);
	}

	Session session() {
		return this.session;
	}

	/** Whether it cannot be used any more. */
	boolean broken() {
		return this.broken && idle();
	}

	boolean free() {
		return this.batch.isEmpty() && !this.broken;
	}

	/** Whether nothing of it is open. */
	boolean idle() {
		return this.batch.isEmpty() && this.singly.isEmpty();
	}

	void carry(List<Sent> requests) {
		this.batch = requests;
		this.session.reaping(1);
		this.deadline = this.engine.store().deadline();
		this.repetition = 0;
		this.maybe = false;
		this.refusal = null;
		attempt();
	}

	private void attempt() {
		TxnRequest.Builder request = own();
		this.batch.forEach((sent) -> request.addSuccess(RequestOp.newBuilder().setRequestTxn(sent.request()).build()));
		request.addSuccess(put(ByteString.EMPTY));
		this.engine.store()
			.txn(request.build(), this.deadline, (response) -> this.engine.loop().run(() -> answered(response)),
					(failure) -> this.engine.loop().run(() -> failed(failure)));
	}

	private TxnRequest.Builder own() {
		return TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder()
				.setKey(this.key)
				.setTarget(Compare.CompareTarget.VERSION)
				.setResult(Compare.CompareResult.EQUAL)
				.setVersion(this.version))
			.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(this.key)));
	}

	private RequestOp put(ByteString value) {
		return RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder().setKey(this.key).setValue(value).setLease(this.session.lease()))
			.build();
	}

	private void answered(TxnResponse response) {
		if (response.getSucceeded()) {
			this.version++;
			long revision = response.getHeader().getRevision();
			List<Sent> done = end();
			for (int i = 0; i < done.size(); i++) {
				done.get(i).once().answered(response.getResponses(i).getResponseTxn(), revision);
			}
			goOn();
		}
		else if (putLast(response, ByteString.EMPTY)) {
			lookBack(response, false);
		}
		else {
			lost();
		}
	}

	private void failed(EtcdFailure failure) {
		this.maybe |= failure.applied();
		long pause = this.engine.store().pause(this.repetition++);
		if (failure.leaseGone() || this.session.over()) {
			sessionGone(failure);
		}
		else if (failure.passing() && this.engine.clock().nanos() + pause < this.deadline) {
			this.engine.later(pause, this::attempt);
		}
		else if (this.maybe) {
			if (failure.passing()) {
				tell(failure);
			}
			else {
				this.refusal = failure;
			}
			this.repetition = 0;
			fence();
		}
		else if (!failure.passing()) {
			refused(failure);
		}
		else {
			end().forEach((sent) -> {
				sent.once().failed(failure);
				sent.once().never();
			});
			goOn();
		}
	}

	private void tell(EtcdFailure failure) {
		this.batch.forEach((sent) -> sent.once().failed(failure));
	}

	/** As long as nobody has been told anything else. */
	private void tellInsteadOfRefusal(EtcdFailure failure) {
		if (this.refusal != null) {
			this.refusal = null;
			tell(failure);
		}
	}

	/** Nothing was carried out, and only one of them may be to blame. */
	private void refused(EtcdFailure failure) {
		List<Sent> refused = end();
		if (refused.size() > 1) {
			this.singly.addAll(refused);
		}
		else {
			refused.forEach((sent) -> {
				sent.once().failed(failure);
				sent.once().never();
			});
		}
		goOn();
	}

	private void sessionGone(EtcdFailure failure) {
		boolean unknown = this.maybe;
		this.broken = true;
		this.session.leaseGone();
		List<Sent> open = end();
		if (unknown) {
			open.forEach((sent) -> {
				sent.once().failed(failure);
				sent.once().unknown();
			});
		}
		else {
			open.forEach((sent) -> this.lanes.send(sent.once()));
		}
		goOn();
	}

	// Without an answer

	/** Puts the key alone: either that, or the batch, finds the other there. */
	private void fence() {
		if (this.session.over()) {
			tellInsteadOfRefusal(EtcdFailure.unsure());
			unknown();
			return;
		}
		TxnRequest request = own().addSuccess(put(FENCE)).build();
		this.engine.store()
			.txn(request, this.engine.store().deadline(), (response) -> this.engine.loop().run(() -> fenced(response)),
					(failure) -> this.engine.loop().run(() -> notFenced(failure)));
	}

	private void fenced(TxnResponse response) {
		if (response.getSucceeded() || putLast(response, FENCE)) {
			this.version++;
			if (this.refusal != null) {
				refused(this.refusal);
				return;
			}
			end().forEach((sent) -> sent.once().never());
			goOn();
		}
		else if (putLast(response, ByteString.EMPTY)) {
			lookBack(response, this.refusal == null);
		}
		else {
			tellInsteadOfRefusal(EtcdFailure.unsure());
			unknown();
		}
	}

	private void notFenced(EtcdFailure failure) {
		tellInsteadOfRefusal(failure);
		if (failure.leaseGone()) {
			this.session.leaseGone();
		}
		this.engine.later(PAUSE << Math.min(this.repetition++, 5), this::fence);
	}

	/** Whether an attempt to put this was carried out, by what the other branch read. */
	private boolean putLast(TxnResponse response, ByteString value) {
		return response.getResponses(0)
			.getResponseRange()
			.getKvsList()
			.stream()
			.anyMatch((own) -> own.getVersion() == this.version + 1 && own.getValue().equals(value));
	}

	/** It was carried out, by an attempt whose answer nobody has heard. */
	private void lookBack(TxnResponse response, boolean late) {
		KeyValue own = response.getResponses(0).getResponseRange().getKvs(0);
		long revision = own.getModRevision();
		List<TxnRequest> requests = this.batch.stream().map(Sent::request).toList();
		new Hindsight(this.engine, requests, revision - 1).ask((answers) -> {
			this.version++;
			List<Sent> done = end();
			for (int i = 0; i < done.size(); i++) {
				if (late) {
					done.get(i).once().late(answers.get(i), revision);
				}
				else {
					done.get(i).once().answered(answers.get(i), revision);
				}
			}
			goOn();
		}, (failure) -> notLookedBack(response, revision, late, failure));
	}

	private void notLookedBack(TxnResponse response, long revision, boolean late, EtcdFailure failure) {
		if (!late) {
			tell(failure);
		}
		if (failure.passing() && !this.session.over()) {
			this.engine.later(PAUSE, () -> lookBack(response, true));
			return;
		}
		logger.warn("What etcd did at revision {} cannot be read any more: {}", revision, failure.text());
		this.version++;
		end().forEach((sent) -> sent.once().unknown());
		goOn();
	}

	/** Somebody has changed or deleted the lane's key, or the lease has ended. */
	private void lost() {
		if (this.maybe) {
			tell(EtcdFailure.unsure());
			unknown();
		}
		else {
			// Nothing was carried out: another lane may do it, or finds the lease gone.
			this.broken = true;
			end().forEach((sent) -> this.lanes.send(sent.once()));
			goOn();
		}
	}

	private void unknown() {
		this.broken = true;
		end().forEach((sent) -> sent.once().unknown());
		goOn();
	}

	// On to the next

	private List<Sent> end() {
		List<Sent> done = this.batch;
		this.batch = List.of();
		this.session.reaping(-1);
		return done;
	}

	private void goOn() {
		if (this.singly.isEmpty()) {
			this.lanes.dispatch();
		}
		else if (this.broken || this.session.over()) {
			List<Sent> rest = List.copyOf(this.singly);
			this.singly.clear();
			rest.forEach((sent) -> this.lanes.send(sent.once()));
		}
		else {
			carry(List.of(this.singly.remove()));
		}
	}

}
