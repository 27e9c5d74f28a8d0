package io.github.etcdlock.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.chaos.Event.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run under faults: two minutes with always the same seed, or as long as
 * {@code chaos.seconds} says, with {@code chaos.seed} or a seed by chance. The report
 * names the seed; with it the same faults come again. {@code chaos.etcd} chooses the
 * binary.
 */
class ChaosTests {

	private static final Logger logger = LoggerFactory.getLogger(ChaosTests.class);

	private static final Duration TTL = Duration.ofSeconds(3);

	private static final long SECONDS = 125;

	private static final long SEED = 1;

	private static final List<String> WORKLOADS = List.of(
			"OneHotKey:2,FiftyKeys:3,SeveralKeys:2,ReadersAndWriters:3,LongHolds:3",
			"OneHotKey:2,FiftyKeys:3,SeveralKeys:2,ReadersAndWriters:3,LongHolds:3,GracefulShutdown:1",
			"OneHotKey:2,FiftyKeys:3,SeveralKeys:2,ReadersAndWriters:3,LongHolds:3",
			"OneHotKey:2,FiftyKeys:3,SeveralKeys:2,ReadersAndWriters:3,LongHolds:3,GracefulShutdown:1");

	private static final int ACQUISITIONS_A_SECOND = 25;

	private static final int SECONDS_A_FAULT = 5;

	@Test
	@Timeout(value = 3, unit = TimeUnit.HOURS)
	void invariantsHoldUnderFaults() throws IOException {
		Long asked = Long.getLong("chaos.seconds");
		long seconds = (asked != null) ? asked : SECONDS;
		long seed = Long.getLong("chaos.seed", (asked != null) ? ThreadLocalRandom.current().nextInt(1_000_000) : SEED);
		String etcd = System.getProperty("chaos.etcd");
		logger.info("Chaos with seed {} for {} s", seed, seconds);
		try (Arena arena = new Arena((etcd != null) ? Path.of(etcd) : null, TTL, seed, "EngineLocks", true,
				WORKLOADS)) {
			new Nemesis(arena, List.of(Fault.values()), seed).rage(Duration.ofSeconds(seconds));
			String run = "seed %d, %d s, TTL %d s, etcd %s".formatted(seed, seconds, TTL.toSeconds(), arena.version());
			arena.end();
			Verdict verdict = new Checker(arena.history(), TTL).check();
			Report report = new Report(run, arena.history(), verdict);
			publish(report, seed);
			if (verdict.violations() > 0) {
				arena.history().save(Path.of("target", "chaos-%d.history".formatted(seed)));
			}
			assertThat(verdict.violations()).as(report.toString()).isZero();
			assertThat(report.count(Kind.ACQUIRED)).isGreaterThan(seconds * ACQUISITIONS_A_SECOND);
			assertThat(report.faults()).isGreaterThanOrEqualTo((int) (seconds / SECONDS_A_FAULT));
		}
	}

	private static void publish(Report report, long seed) throws IOException {
		logger.info("Chaos report: {}", report);
		Files.writeString(Path.of("target", "chaos-%d.txt".formatted(seed)), report.toString());
	}

}
