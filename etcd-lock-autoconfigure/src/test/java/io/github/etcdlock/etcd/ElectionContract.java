package io.github.etcdlock.etcd;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.Candidate;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.recipe.LeadershipListener;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What candidates and observers of an election may rely on. */
@ExtendWith(OutputCaptureExtension.class)
abstract class ElectionContract {

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	private final LeaderElection here;

	private final LeaderElection there;

	@AutoClose
	private final Outsider outsider;

	ElectionContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.here = recipes().election("e");
		this.there = recipes().election("e");
		this.outsider = new Outsider(cluster.endpoint());
	}

	private EtcdRecipes recipes() {
		return this.managers.start().recipes(Managers.TEXT);
	}

	private String name() {
		return this.managers.prefix() + "/.elections/e";
	}

	private List<EtcdContents.Key> line() {
		return this.cluster.contents().under(name() + "/");
	}

	/** Campaigns, and returns when the candidate stands in line in etcd. */
	private CompletableFuture<LockHandle> campaign(LeaderElection election, String value) {
		int before = line().size();
		CompletableFuture<LockHandle> leadership = new CompletableFuture<>();
		new Thread(() -> {
			try {
				leadership.complete(election.campaign(value));
			}
			catch (InterruptedException | RuntimeException ex) {
				leadership.completeExceptionally(ex);
			}
		}, "candidate").start();
		await().until(() -> line().size() > before);
		return leadership;
	}

	private static LockHandle elected(CompletableFuture<LockHandle> candidate) {
		assertThat(candidate).succeedsWithin(Duration.ofSeconds(5));
		return candidate.join();
	}

	@Test
	void oneLeadsAndTheNextInLineFollows() throws Exception {
		assertThat(this.here.leader()).isEmpty();
		LockHandle first = this.here.campaign("one");
		assertThat(this.there.leader()).contains("one");
		assertThat(this.there.tryCampaign("two", Duration.ZERO)).isEmpty();
		assertThat(this.there.tryCampaign("two", Duration.ofMillis(50))).isEmpty();
		CompletableFuture<LockHandle> second = campaign(this.there, "two");
		CompletableFuture<LockHandle> third = campaign(recipes().election("e"), "three");
		assertThat(second).isNotDone();
		first.close();
		assertThat(elected(second).fencingToken()).isGreaterThan(first.fencingToken());
		assertThat(this.here.leader()).contains("two");
		assertThat(third).isNotDone();
		second.join().close();
		assertThat(elected(third).fencingToken()).isGreaterThan(second.join().fencingToken());
		third.join().close();
		assertThat(this.here.leader()).isEmpty();
		this.managers.closeAndLeaveNothing();
	}

	@Test
	void candidatesOfOneProcessHaveTermsOfTheirOwn() throws Exception {
		LockHandle first = this.here.campaign("same");
		CompletableFuture<LockHandle> second = new CompletableFuture<>();
		new Thread(() -> {
			try {
				second.complete(this.here.campaign("same"));
			}
			catch (InterruptedException ex) {
				second.completeExceptionally(ex);
			}
		}).start();
		first.close();
		assertThat(elected(second).revision()).isGreaterThan(first.revision());
		assertThat(line()).singleElement()
			.satisfies((key) -> assertThat(key.createRevision()).isEqualTo(second.join().revision()));
	}

	@Test
	void observersSeeEachLeaderInOrder() throws Exception {
		List<Optional<String>> seen = new CopyOnWriteArrayList<>();
		try (AutoCloseable observer = this.there.observe(seen::add)) {
			assertThat(observer).isNotNull();
			await().until(() -> seen.size() == 1);
			LockHandle first = this.here.campaign("one");
			CompletableFuture<LockHandle> second = campaign(this.there, "two");
			CompletableFuture<LockHandle> same = campaign(recipes().election("e"), "two");
			first.close();
			elected(second).close();
			elected(same).close();
			await().until(() -> seen.size() == 5);
		}
		assertThat(seen).containsExactly(Optional.empty(), Optional.of("one"), Optional.of("two"), Optional.of("two"),
				Optional.empty());
		this.here.campaign("unseen").close();
		assertThat(this.here.leader()).isEmpty();
		assertThat(seen).hasSize(5);
	}

	@Test
	void standingCandidateCampaignsAgainAfterALoss() {
		Events events = new Events();
		try (Candidate candidate = this.here.stand("one", events)) {
			await().until(() -> candidate.leadership().isPresent());
			long term = candidate.leadership().orElseThrow().fencingToken();
			this.outsider.delete(line().get(0).name());
			await().until(() -> events.seen.size() == 3);
			assertThat(events.seen).containsExactly("elected", "deposed", "elected");
			assertThat(candidate.leadership().orElseThrow().fencingToken()).isGreaterThan(term);
			this.outsider.revoke(line().get(0).lease());
			await().until(() -> events.seen.size() == 5);
			assertThat(this.there.leader()).contains("one");
		}
		assertThat(events.seen).hasSize(6).endsWith("elected", "deposed");
		assertThat(this.there.leader()).isEmpty();
	}

	@Test
	void standingCandidateTakesItsPlaceInLine() throws Exception {
		LockHandle leader = this.there.campaign("first");
		Events events = new Events();
		try (Candidate one = this.here.stand("one", events)) {
			await().until(() -> line().size() == 2);
			Candidate gone = this.here.stand("gone", events);
			gone.close();
			assertThat(one.leadership()).isEmpty();
			leader.close();
			await().until(() -> one.leadership().isPresent());
		}
		await().until(() -> line().isEmpty());
		assertThat(events.seen).containsExactly("elected", "deposed");
	}

	@Test
	void candidateOfAManagerThatClosesIsToldWhileItLeads() {
		LeaseManager closing = this.managers.start();
		CompletableFuture<Optional<String>> leaderWhenTold = new CompletableFuture<>();
		Candidate candidate = closing.recipes(Managers.TEXT).election("e").stand("one", new LeadershipListener() {

			@Override
			public void onDeposed(LockHandle leadership) {
				leaderWhenTold.complete(ElectionContract.this.there.leader());
			}

		});
		await().until(() -> candidate.leadership().isPresent());
		CompletableFuture<LockHandle> next = campaign(this.there, "two");
		closing.close();
		assertThat(leaderWhenTold).isCompletedWithValue(Optional.of("one"));
		elected(next);
		assertThatIllegalStateException()
			.isThrownBy(() -> closing.recipes(Managers.TEXT).election("e").stand("late", new Events()))
			.withMessageContaining("shutting down");
		candidate.close();
	}

	@Test
	void candidateMayBeClosedByItsListener() {
		CompletableFuture<Candidate> candidate = new CompletableFuture<>();
		CompletableFuture<Duration> took = new CompletableFuture<>();
		Events events = new Events() {

			@Override
			public void onElected(LockHandle leadership) {
				long start = System.nanoTime();
				candidate.join().close();
				took.complete(Duration.ofNanos(System.nanoTime() - start));
				super.onElected(leadership);
			}

		};
		candidate.complete(this.here.stand("one", events));
		assertThat(took).succeedsWithin(Duration.ofSeconds(5))
			.satisfies((time) -> assertThat(time).isLessThan(Duration.ofSeconds(2)));
		await().until(() -> line().isEmpty());
		await().until(() -> events.seen.size() == 2);
		assertThat(events.seen).containsExactly("deposed", "elected");
		candidate.join().close();
	}

	@Test
	void closingACandidateEndsThoughItsListenerDoesNot() {
		LeaderElection election = this.managers.with()
			.requestTimeout(Duration.ofSeconds(1))
			.shutdownTimeout(Duration.ofMillis(300))
			.start()
			.recipes(Managers.TEXT)
			.election("e");
		CompletableFuture<Void> slow = new CompletableFuture<>();
		Events events = new Events() {

			@Override
			public void onDeposed(LockHandle leadership) {
				slow.join();
				super.onDeposed(leadership);
			}

		};
		Candidate candidate = election.stand("one", events);
		await().until(() -> candidate.leadership().isPresent());
		candidate.close();
		assertThat(line()).hasSize(1);
		slow.complete(null);
		await().until(() -> line().isEmpty());
	}

	@Test
	void observerThatFailsIsNamedAndToldAgain(CapturedOutput output) throws Exception {
		List<Optional<String>> seen = new CopyOnWriteArrayList<>();
		try (AutoCloseable observer = this.there.observe((leader) -> {
			seen.add(leader);
			throw new IllegalStateException("An observer that fails");
		})) {
			assertThat(observer).isNotNull();
			await().until(() -> seen.size() == 1);
			this.here.campaign("one").close();
			await().until(() -> seen.size() == 3);
		}
		assertThat(output).contains("An observer of the election \"e\" failed").doesNotContain("please report this");
	}

	/** What a listener was told; it fails each time. */
	private static class Events implements LeadershipListener {

		private final List<String> seen = new CopyOnWriteArrayList<>();

		@Override
		public void onElected(LockHandle leadership) {
			this.seen.add("elected");
			throw new IllegalStateException("A listener that fails");
		}

		@Override
		public void onDeposed(LockHandle leadership) {
			this.seen.add("deposed");
		}

	}

	// Others

	private Process etcdctl(String... arguments) throws IOException {
		return this.cluster.etcdctl(arguments).start();
	}

	@Test
	void goProgramWaitsForUs() throws Exception {
		LockHandle leader = this.here.campaign("ours");
		Process go = etcdctl("elect", name(), "theirs");
		try {
			await().until(() -> line().size() == 2);
			assertThat(this.here.leader()).contains("ours");
			leader.close();
			assertThat(go.inputReader().readLine()).startsWith(name() + "/");
			assertThat(go.inputReader().readLine()).isEqualTo("theirs");
			assertThat(this.there.leader()).contains("theirs");
		}
		finally {
			go.destroyForcibly();
		}
	}

	@Test
	void weWaitForAGoProgram() throws Exception {
		Process go = etcdctl("elect", name(), "theirs");
		try {
			assertThat(go.inputReader().readLine()).startsWith(name() + "/");
			assertThat(this.here.leader()).contains("theirs");
			assertThat(this.here.tryCampaign("ours", Duration.ZERO)).isEmpty();
			CompletableFuture<LockHandle> candidate = campaign(this.here, "ours");
			assertThat(candidate).isNotDone();
			go.destroy();
			assertThat(candidate).succeedsWithin(Duration.ofSeconds(10));
		}
		finally {
			go.destroyForcibly();
		}
	}

	@Test
	void goProgramObservesUs() throws Exception {
		LockHandle leader = this.here.campaign("ours");
		Process go = etcdctl("elect", "-l", name());
		try {
			assertThat(go.inputReader().readLine()).isEqualTo(leader.ownershipKeys().get(0));
			assertThat(go.inputReader().readLine()).isEqualTo("ours");
		}
		finally {
			go.destroyForcibly();
		}
	}

	@Test
	void badArgumentsAreRefusedAtTheCall() {
		assertThatIllegalArgumentException().isThrownBy(() -> recipes().election(""));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.campaign(null))
			.withMessageContaining("tells others who leads");
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.observe(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.stand("one", null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.tryCampaign("one", Duration.ofSeconds(-1)));
	}

}
