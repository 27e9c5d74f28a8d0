package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.etcd.LockModel.Outcome;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random sequences of entering and leaving, by threads of two processes, one step at a
 * time: each step must come out as in the model. The seed decides everything.
 */
@ExtendWith(EtcdExtension.class)
class LockModelTests {

	private static final int STEPS = 250;

	private static final int DEEPEST = 5;

	private static final List<String> KEYS = List.of("a", "b", "c", "a/b");

	private final List<ModelOwner> owners = new ArrayList<>();

	private final List<String> log = new ArrayList<>();

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void everyStepComesOutAsInTheModel(long seed, EtcdCluster etcd) throws InterruptedException {
		Random random = new Random(seed);
		try (Managers managers = new Managers(etcd)) {
			for (LockTemplate template : List.of(managers.template(), managers.template())) {
				this.owners.add(new ModelOwner(template, "owner " + this.owners.size()));
				this.owners.add(new ModelOwner(template, "owner " + this.owners.size()));
			}
			LockModel model = new LockModel(this.owners.size());
			for (int i = 0; i < STEPS; i++) {
				step(model, random);
				if (i % 50 == 0) {
					checkLines(model, managers, etcd);
				}
			}
			for (int owner = 0; owner < this.owners.size(); owner++) {
				while (model.depth(owner) > 0) {
					leave(model, owner);
				}
			}
			checkLines(model, managers, etcd);
			managers.closeAndLeaveNothing();
		}
		finally {
			this.owners.forEach(ModelOwner::close);
		}
	}

	private void step(LockModel model, Random random) throws InterruptedException {
		int owner = random.nextInt(this.owners.size());
		if (model.depth(owner) > 0 && (model.depth(owner) == DEEPEST || random.nextInt(5) < 2)) {
			leave(model, owner);
		}
		else {
			enter(model, owner, request(random));
		}
		String key = KEYS.get(random.nextInt(KEYS.size()));
		assertThat(this.owners.get(owner).holds(key)).as("owner %d holds %s, after %s", owner, key, this.log)
			.isEqualTo(model.holds(owner, key));
	}

	private static LockRequest request(Random random) {
		List<String> keys = new ArrayList<>(KEYS);
		Collections.shuffle(keys, random);
		int count = (random.nextInt(4) == 0) ? 2 : 1;
		LockRequest request = LockRequest.of(keys.subList(0, count).toArray(String[]::new)).waitingUpTo(Duration.ZERO);
		return (random.nextInt(3) == 0) ? request.shared() : request;
	}

	private void enter(LockModel model, int owner, LockRequest request) throws InterruptedException {
		Outcome expected = model.outcome(owner, request);
		ModelOwner.Answer answer = this.owners.get(owner).enter(request);
		this.log.add("%d: %s %s -> %s %d".formatted(owner, request.mode(), request.keys(), answer.outcome(),
				answer.token()));
		assertThat(answer.outcome()).as("last of %s", this.log).isEqualTo(expected);
		if (expected == Outcome.GRANTED) {
			assertThat(model.possible(request, answer.token())).as("token of last of %s", this.log).isTrue();
			model.granted(owner, request, answer.token());
		}
		else if (expected == Outcome.JOINED) {
			assertThat(answer.token()).as("token of last of %s", this.log).isEqualTo(model.joined(owner, request));
		}
		assertThat(answer.current()).as("innermost after %s", this.log).isEqualTo(model.current(owner));
	}

	private void leave(LockModel model, int owner) throws InterruptedException {
		ModelOwner.Answer answer = this.owners.get(owner).leave();
		model.left(owner);
		this.log.add("%d: leaves".formatted(owner));
		assertThat(answer.outcome()).as("last of %s", this.log).isNull();
		assertThat(answer.current()).as("innermost after %s", this.log).isEqualTo(model.current(owner));
	}

	private void checkLines(LockModel model, Managers managers, EtcdCluster etcd) {
		EtcdContents contents = etcd.contents();
		for (String key : KEYS) {
			assertThat(contents.under(managers.line(key)).isEmpty()).as("line of %s is empty, after %s", key, this.log)
				.isEqualTo(model.free(key));
		}
	}

}
