package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.LeaderOnly;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.event.LeadershipEvent;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class LeaderOnlyTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final String prefix = etcd.freshPrefix();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class,
				EtcdRecipesAutoConfiguration.class, EtcdLeaderAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + this.prefix);

	static class Nightly {

		private final List<Boolean> events = new CopyOnWriteArrayList<>();

		private int runs;

		@LeaderOnly("nightly")
		public void run() {
			this.runs++;
		}

		@LeaderOnly("nightly")
		public Optional<String> tell() {
			return Optional.of("told");
		}

		@LeaderOnly("nightly")
		public void runWhile(Runnable happens) {
			happens.run();
		}

		@EventListener
		public void on(LeadershipEvent event) {
			this.events.add(event.leads());
		}

		public int runs() {
			return this.runs;
		}

		public List<Boolean> events() {
			return this.events;
		}

	}

	static class Counting {

		@LeaderOnly("counting")
		public int count() {
			return 1;
		}

	}

	@Test
	void runsOnTheLeaderAndIsSkippedElsewhereUntilThatLeads() {
		this.runner.withBean(Nightly.class).run((leader) -> {
			Nightly first = leader.getBean(Nightly.class);
			await().until(() -> first.tell().isPresent());
			first.run();
			assertThat(first.runs()).isOne();
			await().until(() -> first.events().equals(List.of(true)));
			this.runner.withBean(Nightly.class).run((other) -> {
				Nightly second = other.getBean(Nightly.class);
				second.run();
				assertThat(second.runs()).isZero();
				assertThat(second.tell()).isEmpty();
				leader.getBean(LeaderCandidates.class).stop();
				await().until(() -> second.tell().isPresent());
				assertThat(first.tell()).isEmpty();
				assertThat(first.events()).containsExactly(true, false);
			});
		});
	}

	@Test
	void leadershipThatIsLostWhileItRunsIsSaidAndWonAgain() {
		this.runner.withBean(Nightly.class).run((context) -> {
			Nightly nightly = context.getBean(Nightly.class);
			await().until(() -> nightly.tell().isPresent());
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> nightly.runWhile(() -> {
				deleteLeadership();
				await().until(() -> nightly.events().contains(false));
			})).withMessageContaining("The leadership of \"nightly\" was lost");
			await().until(() -> nightly.tell().isPresent());
			await().untilAsserted(() -> assertThat(nightly.events()).containsExactly(true, false, true));
		});
	}

	private List<String> leaders(String election) {
		return etcd.cluster()
			.contents()
			.under(this.prefix + "/.elections/" + election + "/")
			.stream()
			.map(EtcdContents.Key::value)
			.toList();
	}

	@Test
	void leadsUntilTheMethodsThatRunHaveEnded() {
		this.runner.withBean(Nightly.class).run((context) -> {
			Nightly nightly = context.getBean(Nightly.class);
			LeaderCandidates candidates = context.getBean(LeaderCandidates.class);
			await().until(() -> nightly.tell().isPresent());
			CompletableFuture<Void> stopping = new CompletableFuture<>();
			nightly.runWhile(() -> {
				stopping.completeAsync(() -> {
					candidates.stop();
					return null;
				}, (task) -> new Thread(task, "stopping").start());
				await().until(() -> !candidates.isRunning());
				assertThat(nightly.tell()).isEmpty();
				assertThat(leaders("nightly")).hasSize(1);
				assertThat(nightly.events()).doesNotContain(false);
			});
			assertThat(stopping).succeedsWithin(Duration.ofSeconds(5));
			assertThat(leaders("nightly")).isEmpty();
		});
	}

	@Test
	void callThatDoesNotEndIsWaitedForUntilTheShutdownTimeout() {
		this.runner.withPropertyValues("etcd-lock.shutdown-timeout=200ms").withBean(Nightly.class).run((context) -> {
			Nightly nightly = context.getBean(Nightly.class);
			await().until(() -> nightly.tell().isPresent());
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> nightly.runWhile(() -> {
				context.getBean(LeaderCandidates.class).stop();
				await().until(() -> leaders("nightly").isEmpty());
			}));
		});
	}

	@Test
	void leadsUntilTheTasksOfSchedulersHaveEnded() {
		CompletableFuture<List<Object>> seen = new CompletableFuture<>();
		this.runner.withBean(Nightly.class)
			.withBean(ThreadPoolTaskScheduler.class, ThreadPoolTaskScheduler::new)
			.withBean(StopsEarlier.class)
			.run((context) -> {
				Nightly nightly = context.getBean(Nightly.class);
				LockTemplate locks = context.getBean(LockTemplate.class);
				StopsEarlier others = context.getBean(StopsEarlier.class);
				await().until(() -> nightly.tell().isPresent());
				CompletableFuture<Void> inside = new CompletableFuture<>();
				context.getBean(ThreadPoolTaskScheduler.class).execute(() -> nightly.runWhile(() -> {
					inside.complete(null);
					others.stopped.join();
					seen.completeAsync(() -> List.of(leaders("nightly").size(), nightly.tell().isPresent(),
							locks.execute("a", LockHandle::isHeld)), Runnable::run);
				}));
				inside.join();
			});
		assertThat(seen).isCompletedWithValue(List.of(1, true, true));
	}

	/** Stops as the last of those that serve requests. */
	static final class StopsEarlier implements SmartLifecycle {

		private final CompletableFuture<Void> stopped = new CompletableFuture<>();

		@Override
		public void start() {
		}

		@Override
		public void stop() {
			this.stopped.complete(null);
		}

		@Override
		public boolean isRunning() {
			return !this.stopped.isDone();
		}

		@Override
		public int getPhase() {
			return DEFAULT_PHASE - 10_000;
		}

	}

	static class Configured {

		@LeaderOnly("${jobs.election}")
		public Optional<String> tell() {
			return Optional.of("told");
		}

	}

	@Test
	void nameMayHavePlaceholders() {
		this.runner.withPropertyValues("jobs.election=weekly").withBean(Configured.class).run((context) -> {
			await().until(() -> context.getBean(Configured.class).tell().isPresent());
			assertThat(leaders("weekly")).singleElement()
				.satisfies((leader) -> assertThat(leader)
					.matches("application@[0-9a-f.:]+:" + ProcessHandle.current().pid()));
		});
		this.runner.withBean(Configured.class)
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("jobs.election"));
	}

	private void deleteLeadership() {
		try {
			Process etcdctl = etcd.cluster().etcdctl("del", "--prefix", this.prefix + "/.elections/nightly/").start();
			assertThat(etcdctl.waitFor()).isZero();
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void withoutEtcdThisInstanceLeads() {
		this.runner.withPropertyValues("etcd-lock.enabled=false").withBean(Nightly.class).run((context) -> {
			Nightly nightly = context.getBean(Nightly.class);
			nightly.run();
			assertThat(nightly.runs()).isOne();
		});
	}

	@Test
	void resultThatCannotBeLeftOutIsAMistake() {
		this.runner.withBean(Counting.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("there is no int to return where it does not run"));
	}

}
