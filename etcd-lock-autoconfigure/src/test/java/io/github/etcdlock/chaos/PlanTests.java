package io.github.etcdlock.chaos;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PlanTests {

	private static final List<Fault> FAULTS = List.of(Fault.values());

	private static List<Plan.Step> steps(long seed) {
		return Stream.generate(new Plan(FAULTS, seed)::next).limit(FAULTS.size() * 3L).toList();
	}

	@Test
	void seedGivesOnePlan() {
		assertThat(steps(7)).isEqualTo(steps(7)).isNotEqualTo(steps(8));
	}

	@Test
	void everyFaultComesOnceBeforeAnyComesTwice() {
		assertThat(steps(7).subList(0, FAULTS.size())).extracting(Plan.Step::fault)
			.containsExactlyInAnyOrderElementsOf(FAULTS);
	}

}
