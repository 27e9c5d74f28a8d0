package io.github.etcdlock.etcd;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.LockModel.Outcome;
import org.jspecify.annotations.Nullable;

/** A thread that enters and leaves {@code execute} as it is told, one step at a time. */
final class ModelOwner implements AutoCloseable {

	/**
	 * What came of a step.
	 *
	 * @param outcome how it was answered, or null after leaving
	 * @param token the token of the lock that was entered
	 * @param current the token of the innermost lock now, or null
	 */
	record Answer(@Nullable Outcome outcome, long token, @Nullable Long current) {
	}

	private interface Step {

		/** Returns whether to stay in the current lock. */
		boolean run();

	}

	private final LockTemplate template;

	private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();

	private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();

	private final Thread thread;

	private final Deque<LockHandle> stack = new ArrayDeque<>();

	ModelOwner(LockTemplate template, String name) {
		this.template = template;
		this.thread = new Thread(this::serve, name);
		this.thread.start();
	}

	Answer enter(LockRequest request) throws InterruptedException {
		this.steps.add(() -> {
			attempt(request);
			return true;
		});
		return answer();
	}

	/** Leaves the innermost lock. */
	Answer leave() throws InterruptedException {
		this.steps.add(() -> false);
		return answer();
	}

	/** Whether the thread may run code that needs this lock. */
	boolean holds(String key) throws InterruptedException {
		this.steps.add(() -> {
			answer(required(key) ? Outcome.GRANTED : Outcome.BUSY, 0);
			return true;
		});
		return answer().outcome() == Outcome.GRANTED;
	}

	@Override
	public void close() {
		this.thread.interrupt();
	}

	private Answer answer() throws InterruptedException {
		Answer answer = this.answers.poll(20, TimeUnit.SECONDS);
		if (answer == null) {
			throw new AssertionError(this.thread.getName() + " did not answer");
		}
		return answer;
	}

	private void serve() {
		try {
			while (this.steps.take().run()) {
				// stays at this level
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void attempt(LockRequest request) {
		try {
			this.template.executeWithoutResult(request, (lock) -> {
				boolean joined = this.stack.contains(lock);
				this.stack.push(lock);
				answer(joined ? Outcome.JOINED : Outcome.GRANTED, lock.fencingToken());
				serve();
				this.stack.pop();
			});
			answer(null, 0);
		}
		catch (LockNotAcquiredException ex) {
			answer(Outcome.BUSY, 0);
		}
		catch (IllegalStateException ex) {
			answer(Outcome.REFUSED, 0);
		}
	}

	private boolean required(String key) {
		try {
			return this.template.requireHeld(key).keys().contains(key);
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	private void answer(@Nullable Outcome outcome, long token) {
		Long current = this.template.current().map(LockHandle::fencingToken).orElse(null);
		this.answers.add(new Answer(outcome, token, current));
	}

}
