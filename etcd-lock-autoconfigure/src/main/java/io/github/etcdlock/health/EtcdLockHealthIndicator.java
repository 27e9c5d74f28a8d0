package io.github.etcdlock.health;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Up while etcd answers, and for a while after it has stopped: as long as leases live
 * without being renewed, no lock is lost, and an application that leaves the load
 * balancer over a short outage would only make it worse.
 */
public final class EtcdLockHealthIndicator extends AbstractHealthIndicator {

	/** Those who ask whether an instance is ready often wait for one second only. */
	private static final Duration AT_ONCE = Duration.ofMillis(500);

	private final Probe probe;

	private final Supplier<EtcdReport> report;

	private final Duration patience;

	/**
	 * Creates the indicator.
	 * @param question asks etcd something that needs a majority of its members; fails if
	 * there is no answer, however late
	 * @param report looks what else is known, within half a second
	 * @param patience how long etcd may be silent, from the first question that it does
	 * not answer
	 */
	public EtcdLockHealthIndicator(Supplier<CompletableFuture<Void>> question, Supplier<EtcdReport> report,
			Duration patience) {
		super("etcd could not be asked for its health");
		this.probe = new Probe(question);
		this.report = report;
		this.patience = patience;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		CompletableFuture<Duration> answer = this.probe.ask()
			.copy()
			.orTimeout(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
		EtcdReport report = this.report.get();
		try {
			builder.up().withDetail("latency", millis(answer.join()));
		}
		catch (CompletionException ex) {
			Duration silent = this.probe.silence();
			builder.status((silent.compareTo(this.patience) < 0) ? Status.UP : Status.DOWN)
				.withDetail("problem", problem(ex.getCause()))
				.withDetail("silent",
						"for " + silent.toSeconds() + " s; down after " + this.patience.toSeconds() + " s");
		}
		report.members()
			.stream()
			.filter(EtcdReport.Member::leader)
			.findFirst()
			.ifPresent((leader) -> builder.withDetail("leader", leader.endpoint()));
		builder.withDetail("members", report.members().stream().map(EtcdLockHealthIndicator::details).toList());
		builder.withDetail("sessions", report.sessions().stream().map(EtcdLockHealthIndicator::details).toList());
	}

	private static String problem(@Nullable Throwable cause) {
		return (cause instanceof TimeoutException) ? "etcd has not answered within " + millis(AT_ONCE)
				: String.valueOf((cause != null) ? cause.getMessage() : null);
	}

	private static Map<String, Object> details(EtcdReport.Member member) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("endpoint", member.endpoint());
		if (member.problem() != null) {
			details.put("problem", member.problem());
			return details;
		}
		if (member.version() != null) {
			details.put("version", member.version());
			details.put("leader", member.leader());
		}
		else {
			details.put("version", "not told to this etcd user");
		}
		details.put("latency", millis(member.latency()));
		return details;
	}

	private static Map<String, Object> details(EtcdReport.Session session) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("state", session.state());
		details.put("ttl", session.ttl().toSeconds() + " s");
		details.put("provenFor", millis(session.provenFor()));
		details.put("locks", session.locks());
		return details;
	}

	private static String millis(Duration time) {
		return time.toMillis() + " ms";
	}

}
