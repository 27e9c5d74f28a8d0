package io.github.etcdlock.chaos;

import java.util.concurrent.CompletionException;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.guard.EtcdGuard;
import io.github.etcdlock.guard.EtcdTransport;
import io.github.etcdlock.guard.GuardOutcome;
import io.github.etcdlock.guard.GuardedWrite;

/**
 * A counter in etcd that is read and written under a lock, and an entry for each write:
 * two with the same number are a lost update.
 */
class EtcdLedger implements Ledger {

	static final String DATA = "/chaos-data/";

	static final String COUNT = DATA + "count";

	static final String ENTRY = DATA + "entry/";

	private static final int MOST_QUESTIONS = 3;

	final EtcdTransport etcd;

	private final EtcdGuard guard;

	EtcdLedger(EtcdTransport etcd) {
		this.etcd = etcd;
		this.guard = new EtcdGuard(etcd);
	}

	@Override
	public Kind add(LockHandle lock, String id, Delay delay) throws InterruptedException {
		TxnResponse now;
		try {
			now = this.etcd.transact(read()).join().response();
		}
		catch (LockUnavailableException | CompletionException ex) {
			return Kind.UNWRITTEN;
		}
		if (now == null) {
			return Kind.UNWRITTEN;
		}
		delay.pass();
		int count = now.getResponses(0)
			.getResponseRange()
			.getKvsList()
			.stream()
			.mapToInt((kv) -> Integer.parseInt(kv.getValue().toStringUtf8()))
			.findFirst()
			.orElse(0);
		return write(lock, ENTRY + id, Integer.toString(count + 1));
	}

	/** Counts, and makes the entry. */
	Kind write(LockHandle lock, String entry, String next) {
		GuardedWrite write = this.guard.write(lock).put(COUNT, next).put(entry, next);
		GuardOutcome outcome;
		try {
			outcome = write.commit();
		}
		catch (LockUnavailableException ex) {
			return Kind.UNWRITTEN;
		}
		return switch (known(write, outcome)) {
			case COMMITTED -> Kind.WRITTEN;
			case LOST -> Kind.STALE;
			case NOT_COMMITTED -> Kind.UNWRITTEN;
			case UNKNOWN -> Kind.UNSURE;
		};
	}

	private static GuardOutcome known(GuardedWrite write, GuardOutcome first) {
		GuardOutcome outcome = first;
		try {
			for (int i = 0; i < MOST_QUESTIONS && outcome == GuardOutcome.UNKNOWN; i++) {
				outcome = write.resolve();
			}
			return outcome;
		}
		catch (LockUnavailableException ex) {
			return GuardOutcome.UNKNOWN;
		}
	}

	private static TxnRequest read() {
		return TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder()
				.setRequestRange(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(COUNT))))
			.build();
	}

}
