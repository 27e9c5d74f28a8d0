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

	private static Throwable root(Throwable cause) {
		Throwable root = cause;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return root;
	}

}
