package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.github.etcdlock.autoconfigure.EtcdConnectionDetails;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/** The members of etcd, and which of them leads. */
@Component
class EtcdStatus {

	static final Duration PATIENCE = Duration.ofMillis(1500);

	/** A member; id and version are empty and the term is 0 where it does not answer. */
	record Member(String endpoint, String id, boolean leader, String version, long term) {

		boolean answers() {
			return !this.id.isEmpty();
		}

	}

	private final Client etcd;

	private final List<String> endpoints;

	private final Map<String, CompletableFuture<StatusResponse>> asked = new ConcurrentHashMap<>();

	EtcdStatus(Client etcd, EtcdConnectionDetails details) {
		this.etcd = etcd;
		this.endpoints = details.getEndpoints();
	}

	List<Member> members() throws InterruptedException {
		return members(PATIENCE);
	}

	private List<Member> members(Duration patience) throws InterruptedException {
		List<CompletableFuture<StatusResponse>> answers = this.endpoints.stream().map(this::ask).toList();
		long end = System.nanoTime() + patience.toNanos();
		Member[] members = new Member[answers.size()];
		for (int i = 0; i < members.length; i++) {
			members[i] = member(this.endpoints.get(i), answer(answers.get(i), end - System.nanoTime()));
		}
		return List.of(members);
	}

	/**
	 * One question at a time: a member that does not answer has one open, and not one
	 * more with each look.
	 */
	private CompletableFuture<StatusResponse> ask(String endpoint) {
		return this.asked.compute(endpoint, (key, pending) -> (pending != null && !pending.isDone()) ? pending
				: this.etcd.getMaintenanceClient().statusMember(endpoint));
	}

	/** Of two that think they lead, the later one does. */
	Optional<Member> leader(Duration patience) throws InterruptedException {
		return members(patience).stream()
			.filter(Member::leader)
			.max((one, other) -> Long.compare(one.term(), other.term()));
	}

	private static Member member(String endpoint, @Nullable StatusResponse status) {
		if (status == null) {
			return new Member(endpoint, "", false, "", 0);
		}
		long id = status.getHeader().getMemberId();
		return new Member(endpoint, Long.toHexString(id), id == status.getLeader(), status.getVersion(),
				status.getRaftTerm());
	}

	private static @Nullable StatusResponse answer(CompletableFuture<StatusResponse> answer, long nanos)
			throws InterruptedException {
		try {
			return answer.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			return null;
		}
	}

}
