package io.github.etcdlock.autoconfigure;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LeaderOnly;
import kotlin.coroutines.Continuation;

/** Methods that Spring takes for locked, and the weaver does not see or cannot lock. */
final class Unseen {

	private Unseen() {
	}

	interface Job {

		@DistributedLock("job")
		void run();

	}

	static class OnInterface implements Job {

		@Override
		public void run() {
		}

	}

	@Woven.Once
	@Retention(RetentionPolicy.RUNTIME)
	@interface Twice {

	}

	static class TwoLevels {

		@Twice
		void run() {
		}

	}

	static class Overridden {

		@DistributedLock("overridden")
		void run() {
		}

	}

	static class Overriding extends Overridden {

		@Override
		void run() {
		}

	}

	/** By weaving/aop.xml. */
	static class LeftOut {

		@DistributedLock("left out")
		void run() {
		}

	}

	static class Static {

		@DistributedLock("static")
		static void run() {
		}

	}

	static class Suspending {

		@DistributedLock("suspending")
		Object run(Continuation<? super String> continuation) {
			return "ran";
		}

	}

	static class Leading {

		@LeaderOnly("counting")
		private int run() {
			return 1;
		}

	}

}
