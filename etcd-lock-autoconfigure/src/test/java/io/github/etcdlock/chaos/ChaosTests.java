package io.github.etcdlock.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.chaos.Event.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run under faults: two minutes with always the same seed, or as long as
 * {@code chaos.seconds} says, with {@code chaos.seed} or a seed by chance. The report
 * names the seed; with it the same faults come again. {@code chaos.etcd} chooses the
 * binary; {@code chaos.rest} multiplies the rests of the workloads.
 */
@Tag("alone")
class ChaosTests {

	private static final Logger logger = LoggerFactory.getLogger(ChaosTests.class);

	private static final Duration TTL = Duration.ofSeconds(3);

	private static final long SECONDS = 125;

	private static final long SEED = 1;

	private static final String COMMON = "OneHotKey:2,FiftyKeys:3,SeveralKeys:2,ReadersAndWriters:3,LongHolds:3,"
			+ "BankTransfers:1,ReactiveHolders:2,ScheduledRuns:1,GuardedWrites:2,"
			+ "Elections:1,SharedPermits:1,QueuedWork:1";

	private static final List<String> WORKLOADS = List.of(COMMON, COMMON + ",GracefulShutdown:1", COMMON,
			COMMON + ",GracefulShutdown:1");

	private static final int ACQUISITIONS_A_SECOND = 24;

	private static final int FEWEST_FAULTS = 25;

	private static final int SECONDS_A_FAULT = 9;

	@Test
	@Timeout(value = 3, unit = TimeUnit.HOURS)
	void invariantsHoldUnderFaults() throws IOException {
		Long asked = Long.getLong("chaos.seconds");
		long seconds = (asked != null) ? asked : SECONDS;
		long seed = Long.getLong("chaos.seed", (asked != null) ? ThreadLocalRandom.current().nextInt(1_000_000) : SEED);
		String etcd = System.getProperty("chaos.etcd");
		logger.info("Chaos with seed {} for {} s", seed, seconds);
		int faults = Math.max(FEWEST_FAULTS, (int) seconds / SECONDS_A_FAULT);
		try (Arena arena = new Arena((etcd != null) ? Path.of(etcd) : null, TTL, seed, "EngineLocks", true,
				WORKLOADS)) {
			boolean ended = false;
			try {
				new Nemesis(arena, List.of(Fault.values()), seed).rage(Duration.ofSeconds(seconds), faults);
				arena.end();
				ended = true;
			}
			finally {
				if (!ended) {
					conclude(arena, "broken off: seed %d".formatted(seed), seed);
				}
			}
			Report report = conclude(arena, run(arena, seed, seconds), seed);
			Verdict verdict = report.verdict();
			assertThat(verdict.violations()).as(report.toString()).isZero();
			assertThat(Invariant.values()).as(report.toString())
				.allSatisfy((invariant) -> assertThat(verdict.checked(invariant)).as(invariant.name()).isPositive());
			assertThat(report.count(Kind.ACQUIRED)).isGreaterThan(seconds * ACQUISITIONS_A_SECOND);
			assertThat(report.faults()).isGreaterThanOrEqualTo(faults);
		}
	}

	private static String run(Arena arena, long seed, long seconds) {
		return "seed %d, %d s, TTL %d s, rests x %d, etcd %s%s".formatted(seed, seconds, TTL.toSeconds(),
				Client.restFactor(), arena.version(),
				arena.stepsWallClocks() ? "" : ", no wall clock stepped: there is no libfaketime");
	}

	/**
	 * Leaves the report, and if there is anything to look for, all that happened,
	 * whatever comes after.
	 */
	private static Report conclude(Arena arena, String run, long seed) throws IOException {
		Verdict verdict = new Checker(arena.history(), TTL).check();
		Report report = new Report(run, arena.history(), verdict);
		publish(report, seed);
		if (verdict.violations() > 0 || run.startsWith("broken off")) {
			arena.history().save(Path.of("target", "chaos-%d.history".formatted(seed)));
		}
		return report;
	}

	private static void publish(Report report, long seed) throws IOException {
		logger.info("Chaos report: {}", report);
		Files.writeString(Path.of("target", "chaos-%d.txt".formatted(seed)), report.toString());
	}

}
