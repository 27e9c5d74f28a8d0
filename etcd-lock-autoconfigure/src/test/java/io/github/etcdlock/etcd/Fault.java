package io.github.etcdlock.etcd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.grpc.Status;

/** What happens to the next request of a kind, and only to that one. */
final class Fault {

	/** What goes wrong. */
	enum Kind {

		/** The request never reaches etcd, which the client cannot know. */
		LOSE_REQUEST,

		/** etcd has no space left, and says so. */
		REFUSE,

		/** The request stays on its way until it is released, or its deadline passes. */
		HOLD_REQUEST,

		/** etcd carries the request out, but its answer never comes. */
		LOSE_ANSWER,

		/** etcd carries the request out; its answer comes when it is released. */
		HOLD_ANSWER

	}

	private static final long PATIENCE_SECONDS = 10;

	static final Status LOST = Status.UNAVAILABLE.withDescription("lost by the test");

	static final Status REFUSED = Status.RESOURCE_EXHAUSTED
		.withDescription("etcdserver: mvcc: database space exceeded");

	private final Kind kind;

	private final Predicate<Object> which;

	private final CompletableFuture<Object> request = new CompletableFuture<>();

	private final CompletableFuture<Void> answered = new CompletableFuture<>();

	private final Gate gate = new Gate();

	Fault(Kind kind, Predicate<Object> which) {
		this.kind = kind;
		this.which = which;
		this.gate.shut();
	}

	Kind kind() {
		return this.kind;
	}

	/** Whether this is the request; it is asked no more once it was. */
	boolean meets(Object message) {
		return this.which.test(message) && this.request.complete(message);
	}

	boolean met() {
		return this.request.isDone();
	}

	/** Waits until the engine has made such a request. */
	<T> T awaitRequest(Class<T> type) {
		return type.cast(await(this.request));
	}

	/** Waits until etcd has answered it. */
	void awaitAnswer() {
		await(this.answered);
	}

	void answered() {
		this.answered.complete(null);
	}

	/** Lets go what is held. */
	void release() {
		this.gate.open();
	}

	/** Runs it now or then, one after the other. */
	void whenReleased(Runnable action) {
		this.gate.pass(this, action);
	}

	private static <T> T await(CompletableFuture<T> future) {
		return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
	}

}
