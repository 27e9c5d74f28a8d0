package io.github.etcdlock.aop;

import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.LockRequest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LossesTests {

	private final RecordingLockTemplate.Handle lock = new RecordingLockTemplate.Handle(LockRequest.of("a"));

	private final Losses losses = new Losses();

	private final List<String> done = new ArrayList<>();

	@Test
	void handleIsToldOnceHoweverManyWorkUnderIt() {
		for (int i = 0; i < 1000; i++) {
			this.losses.watch(this.lock, () -> this.done.add("withdrawn")).run();
		}
		this.losses.watch(this.lock, () -> this.done.add("one"));
		this.losses.watch(this.lock, () -> this.done.add("other"));
		assertThat(this.lock.actions()).isEqualTo(1);
		this.lock.lose();
		assertThat(this.done).containsExactly("one", "other");
	}

	@Test
	void whoComesAfterTheLossIsToldAtOnce() {
		this.losses.watch(this.lock, () -> this.done.add("early"));
		this.lock.lose();
		this.losses.watch(this.lock, () -> this.done.add("late"));
		assertThat(this.done).containsExactly("early", "late");
	}

}
