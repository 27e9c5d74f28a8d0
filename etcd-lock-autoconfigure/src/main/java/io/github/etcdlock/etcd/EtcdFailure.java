package io.github.etcdlock.etcd;

import io.grpc.Status;

/**
 * Why a request to etcd has no answer: refused, so nothing was changed, or unknown, so it
 * may yet take effect.
 *
 * @param status what gRPC says
 * @param applied whether etcd may have carried it out, or may still
 */
record EtcdFailure(Status status, boolean applied) {

	static EtcdFailure of(Throwable cause, boolean sent) {
		Status status = Status.fromThrowable(cause);
		return new EtcdFailure(status, sent && !refusal(status));
	}

	static EtcdFailure closed() {
		return new EtcdFailure(Status.UNAVAILABLE.withDescription("etcd-lock is shutting down"), false);
	}

	/** For a watch that etcd refused, which it says in words only. */
	static EtcdFailure refusedWatch(String reason) {
		Status status = reason.contains("permission denied") ? Status.PERMISSION_DENIED : Status.UNKNOWN;
		return new EtcdFailure(status.withDescription(reason), false);
	}

	/** For what waited too long to be sent. */
	static EtcdFailure unsent() {
		return new EtcdFailure(Status.DEADLINE_EXCEEDED.withDescription("earlier requests are not answered yet"),
				false);
	}

	/** For what we cannot ask for: a fault of ours. */
	static EtcdFailure unmade(RuntimeException cause) {
		return new EtcdFailure(
				Status.FAILED_PRECONDITION.withDescription("the request could not be made").withCause(cause), false);
	}

	/** For what may or may not have happened, as somebody has cleared the traces. */
	static EtcdFailure unsure() {
		return new EtcdFailure(Status.DATA_LOSS.withDescription("a key of this process was deleted from outside"),
				true);
	}

	/** Whether etcd takes no request as large as this one. */
	boolean tooLarge() {
		return says("request is too large") || says("larger than max");
	}

	/** Whether etcd takes no request of as many operations as this one. */
	boolean tooMany() {
		return says("too many operations");
	}

	/** Whether etcd itself said no, before or instead of doing it. */
	private static boolean refusal(Status status) {
		return switch (status.getCode()) {
			case INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED, FAILED_PRECONDITION,
					RESOURCE_EXHAUSTED, UNIMPLEMENTED, OUT_OF_RANGE, ALREADY_EXISTS ->
				true;
			default -> false;
		};
	}

	/** Whether to ask again makes sense. */
	boolean passing() {
		return !refusal(this.status) || says("too many requests");
	}

	/** The failure of a repetition, which says nothing of an earlier attempt. */
	EtcdFailure after(EtcdFailure first) {
		return new EtcdFailure(this.status, this.applied || first.applied);
	}

	boolean leaseGone() {
		return this.status.getCode() == Status.Code.NOT_FOUND && says("lease not found");
	}

	boolean leaseExists() {
		return says("lease already exists");
	}

	/** Whether etcd does not let our user do it, which no repetition mends. */
	boolean denied() {
		Status.Code code = this.status.getCode();
		return code == Status.Code.PERMISSION_DENIED || (code == Status.Code.UNAUTHENTICATED && !tokenExpired())
				|| says("authentication failed") || says("user name is empty");
	}

	boolean tokenExpired() {
		return says("invalid auth token") || says("auth store is old");
	}

	private boolean says(String text) {
		String description = this.status.getDescription();
		return description != null && description.contains(text);
	}

	/** What a message to the user says of it. */
	String text() {
		Throwable cause = this.status.getCause();
		String text = String.valueOf(this.status.getCode());
		if (this.status.getDescription() != null) {
			text += ": " + this.status.getDescription();
		}
		return (cause != null) ? text + " (" + root(cause) + ")" : text;
	}

	Throwable cause() {
		return this.status.asRuntimeException();
	}

	/** For a caller who waits for a future. */
	Unanswered unanswered() {
		return new Unanswered(this);
	}

	/** Carries a failure to where the operation is known, which the message names. */
	static final class Unanswered extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final transient EtcdFailure failure;

		Unanswered(EtcdFailure failure) {
			super(failure.text(), failure.cause());
			this.failure = failure;
		}

		EtcdFailure failure() {
			return this.failure;
		}

	}

	private static Throwable root(Throwable cause) {
		Throwable root = cause;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return root;
	}

}
