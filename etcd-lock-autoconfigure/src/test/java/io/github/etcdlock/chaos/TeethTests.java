package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;

import io.github.etcdlock.chaos.Event.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That the suite finds what is broken: locks that are, and writes that nothing fences.
 */
@Tag("alone")
class TeethTests {

	private static final Duration TTL = Duration.ofSeconds(2);

	private static final List<String> TWO_WORKERS = List.of("OneHotKey:2,LongHolds:8", "OneHotKey:2,LongHolds:8");

	@ParameterizedTest
	@CsvSource({ "AlwaysGranted,ONE_PROVEN_HOLDER", "NotRenewed,ONE_PROVEN_HOLDER", "ConstantToken,TOKENS_ARE_UNIQUE",
			"DeletedByPrefix,ONE_PROVEN_HOLDER", "Forgetful,STUCK_BOUND" })
	void brokenLockIsCaught(String locks, Invariant invariant) {
		assertCaught(locks, TWO_WORKERS, List.of(), invariant);
	}

	@ParameterizedTest
	@CsvSource({ "NeverTold,DELETE_KEY,LOSS_IS_REPORTED_IN_TIME", "DeletedByPrefix,DELETE_KEY,ONE_PROVEN_HOLDER" })
	void brokenLockIsCaughtUnderFaults(String locks, Fault fault, Invariant invariant) {
		assertCaught(locks, TWO_WORKERS, List.of(fault), invariant);
	}

	@Test
	void semaphoreThatAdmitsTooManyIsCaught() {
		assertCaught("OverAdmitting", List.of("SharedPermits:4", "SharedPermits:4"), List.of(),
				Invariant.PERMITS_ARE_NOT_EXCEEDED);
	}

	@Test
	void updateThatIsLostWithoutAGuardIsCaught() {
		assertCaught("Unguarded", List.of("GuardedWrites:6", "GuardedWrites:6"), List.of(Fault.PAUSE_WORKER),
				Invariant.NO_UPDATE_IS_LOST);
	}

	private static void assertCaught(String locks, List<String> workloads, List<Fault> faults, Invariant invariant) {
		try (Arena arena = new Arena(null, TTL, 1, locks, true, workloads)) {
			Nemesis nemesis = new Nemesis(arena, faults, 1);
			arena.awaitHealth();
			for (int i = 0; i < 40 && check(arena).violations(invariant).isEmpty(); i++) {
				if (faults.isEmpty()) {
					arena.hold(TTL);
				}
				else {
					nemesis.strike();
				}
				arena.readLedgers();
			}
			assertThat(check(arena).violations(invariant)).isNotEmpty();
		}
	}

	@Test
	void pausedHolderOverwritesItsSuccessorWithoutAFence() {
		try (Arena arena = new Arena(null, TTL, 1, "EngineLocks", false, TWO_WORKERS)) {
			pauseTwice(arena);
			assertThat(check(arena).violations(Invariant.ACCEPTED_TOKENS_NEVER_FALL)).isNotEmpty();
		}
	}

	@Test
	void pausedHolderIsRefusedByAFence() {
		try (Arena arena = new Arena(null, TTL, 1, "EngineLocks", true, TWO_WORKERS)) {
			pauseTwice(arena);
			assertThat(check(arena).violated()).doesNotContain(Invariant.ACCEPTED_TOKENS_NEVER_FALL,
					Invariant.ONE_PROVEN_HOLDER, Invariant.REFUSED_MEANS_NOT_HELD);
			assertThat(arena.history().events()).anyMatch((event) -> event.kind() == Kind.REFUSED);
		}
	}

	private static void pauseTwice(Arena arena) {
		Nemesis nemesis = new Nemesis(arena, List.of(Fault.PAUSE_WORKER), 1);
		nemesis.strike();
		nemesis.strike();
	}

	private static Verdict check(Arena arena) {
		return new Checker(arena.history(), TTL).check();
	}

}
