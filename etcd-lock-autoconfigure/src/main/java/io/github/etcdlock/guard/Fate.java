package io.github.etcdlock.guard;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one guarded write: sent once, and asked for while nobody has said.
 */
final class Fate {

	private final EtcdTransport transport;

	private final Markers markers;

	private final LockHandle lock;

	private final List<ByteString> ownershipKeys;

	private final long revision;

	private final Marker marker;

	/** Of the marker; 0 until it is known. */
	private volatile long lease;

	/** Null as long as it is not known. */
	private volatile @Nullable GuardOutcome settled;

	Fate(EtcdTransport transport, Markers markers, LockHandle lock) {
		this.transport = transport;
		this.markers = markers;
		this.lock = lock;
		this.revision = lock.revision();
		this.ownershipKeys = lock.ownershipKeys().stream().map(ByteString::copyFromUtf8).toList();
		this.marker = markers.next();
	}

	CompletableFuture<GuardOutcome> commit(Operations operations) {
		if (!this.lock.isHeld()) {
			return CompletableFuture.completedFuture(settle(GuardOutcome.LOST));
		}
		return this.transport.lease().thenCompose((lease) -> send(operations, lease)).exceptionally((failure) -> {
			if (cause(failure) instanceof LockUnavailableException) {
				settle(GuardOutcome.NOT_COMMITTED);
			}
			throw unavailable("Nothing was written under the lock on ", failure);
		});
	}

	/** Looks at the lock again: a lease may have taken a while. */
	private CompletableFuture<GuardOutcome> send(Operations operations, long lease) {
		this.lease = lease;
		if (!this.lock.isHeld()) {
			return CompletableFuture.completedFuture(settle(GuardOutcome.LOST));
		}
		List<Marker> spent = this.markers.take(operations.room());
		TxnRequest.Builder request = TxnRequest.newBuilder();
		this.ownershipKeys.forEach((key) -> request.addCompare(Marker.createdAt(key, this.revision)));
		request.addCompare(this.marker.absent());
		request.addAllSuccess(operations.all()).addSuccess(this.marker.written(lease));
		spent.forEach((other) -> request.addSuccess(other.delete()));
		request.addFailure(this.marker.get());
		return this.transport.transact(request.build()).whenComplete((answer, failure) -> {
			boolean deleted = answer != null && answer.response() != null && answer.response().getSucceeded();
			if (!deleted) {
				spent.forEach(this.markers::spent);
			}
		}).thenApply(this::outcome);
	}

	private GuardOutcome outcome(EtcdTransport.Answer answer) {
		TxnResponse response = answer.response();
		if (response == null) {
			return GuardOutcome.UNKNOWN;
		}
		if (response.getSucceeded() || this.marker.writtenIn(response)) {
			if (!answer.repeated()) {
				this.markers.spent(this.marker);
			}
			return settle(GuardOutcome.COMMITTED);
		}
		return settle(GuardOutcome.LOST);
	}

	/** Asks, and forbids the write where it was not carried out. */
	CompletableFuture<GuardOutcome> resolve() {
		GuardOutcome known = this.settled;
		if (known != null) {
			return CompletableFuture.completedFuture(known);
		}
		return this.transport.lease().thenCompose((lease) -> {
			TxnRequest.Builder request = TxnRequest.newBuilder().addCompare(this.marker.absent());
			request.addSuccess(this.marker.forbidden(lease));
			request.addFailure(this.marker.get());
			this.ownershipKeys.forEach((key) -> request.addSuccess(get(key)).addFailure(get(key)));
			boolean sameLease = this.lease == 0 || this.lease == lease;
			return this.transport.transact(request.build()).thenApply((answer) -> resolved(answer, sameLease));
		}).exceptionally((failure) -> {
			throw unavailable("Still nobody knows what was written under the lock on ", failure);
		});
	}

	private static RequestOp get(ByteString key) {
		return RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key).setKeysOnly(true)).build();
	}

	private GuardOutcome resolved(EtcdTransport.Answer answer, boolean sameLease) {
		TxnResponse response = answer.response();
		if (response == null) {
			return GuardOutcome.UNKNOWN;
		}
		if (this.marker.writtenIn(response)) {
			return settle(GuardOutcome.COMMITTED);
		}
		if (!sameLease) {
			// What was written may have ended with the lease.
			return GuardOutcome.UNKNOWN;
		}
		long ours = response.getResponsesList()
			.stream()
			.filter(ResponseOp::hasResponseRange)
			.flatMap((range) -> range.getResponseRange().getKvsList().stream())
			.filter((kv) -> kv.getCreateRevision() == this.revision && this.ownershipKeys.contains(kv.getKey()))
			.count();
		return settle((ours == this.ownershipKeys.size()) ? GuardOutcome.NOT_COMMITTED : GuardOutcome.LOST);
	}

	/** The first word stands: a write that was forbidden may still be under way. */
	private synchronized GuardOutcome settle(GuardOutcome outcome) {
		GuardOutcome known = this.settled;
		if (known == null) {
			known = outcome;
			this.settled = known;
		}
		return known;
	}

	private CompletionException unavailable(String what, Throwable failure) {
		Throwable cause = cause(failure);
		if (!(cause instanceof LockUnavailableException)) {
			return new CompletionException(cause);
		}
		String keys = this.lock.keys().stream().map(LockRequest::quote).collect(Collectors.joining(", "));
		return new CompletionException(new LockUnavailableException(what + keys + ": " + cause.getMessage(), cause));
	}

	private static Throwable cause(Throwable failure) {
		Throwable cause = failure.getCause();
		return (failure instanceof CompletionException && cause != null) ? cause : failure;
	}

}
