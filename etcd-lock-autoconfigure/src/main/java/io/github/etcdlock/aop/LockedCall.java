package io.github.etcdlock.aop;

import io.github.etcdlock.LockCallback;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.OnLoss;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a call as an action under its lock, which remembers whether it has begun.
 */
final class LockedCall implements LockCallback<@Nullable Object, Exception> {

	private final LockedMethod method;

	private final Call call;

	private final Proceed proceed;

	private final Losses losses;

	private boolean begun;

	LockedCall(LockedMethod method, Call call, Proceed proceed, Losses losses) {
		this.method = method;
		this.call = call;
		this.proceed = proceed;
		this.losses = losses;
	}

	boolean begun() {
		return this.begun;
	}

	@Override
	public @Nullable Object run(LockHandle lock) throws Exception {
		this.begun = true;
		if (this.method.holdAtLeast() != null) {
			lock.holdAtLeast(this.method.holdAtLeast());
		}
		this.method.handedIn().fill(this.call.arguments(), lock);
		return (this.method.onLoss() == OnLoss.INTERRUPT) ? runInterruptibly(lock) : proceed();
	}

	private @Nullable Object runInterruptibly(LockHandle lock) throws Exception {
		LossInterrupt loss = new LossInterrupt(this.losses, lock);
		try (loss) {
			return proceed();
		}
		catch (InterruptedException ex) {
			if (loss.interrupted()) {
				// The caller was not interrupted, the lock was lost: say that.
				throw this.method.lost(lock, "so the method was interrupted", ex);
			}
			throw ex;
		}
	}

	private @Nullable Object proceed() throws Exception {
		try {
			return this.proceed.proceed();
		}
		catch (Exception | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new Undeclared(ex);
		}
	}

	/** Carries what is neither an exception nor an error through the template. */
	static final class Undeclared extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final Throwable thrown;

		Undeclared(Throwable thrown) {
			super(thrown);
			this.thrown = thrown;
		}

		Throwable thrown() {
			return this.thrown;
		}

	}

}
