package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.github.etcdlock.etcd.Session.State;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The states of a session, and what moves it from one to the other. The clock stands
 * still unless a test moves it, so that times can be compared to the nanosecond.
 */
class SessionTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final long TTL = 60;

	private static final long MARGIN = TimeUnit.SECONDS.toNanos(1);

	private static final long PROVEN = TimeUnit.SECONDS.toNanos(TTL) - MARGIN;

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Traffic traffic = new Traffic();

	private final SteeredClock clock = new SteeredClock();

	private final Engine engine = this.managers.with().traffic(this.traffic).clock(this.clock).start().engine();

	private final Sessions sessions = new Sessions(this.engine);

	private final List<Session> over = new CopyOnWriteArrayList<>();

	private final List<Session> all = new ArrayList<>();

	@AfterEach
	void endSessions() {
		this.traffic.renewals().open();
		onLoop(() -> {
			this.all.forEach(Session::close);
			this.sessions.all().forEach(Session::close);
			return true;
		});
		await().until(() -> this.managers.leases().isEmpty());
	}

	private <T> T onLoop(Supplier<T> step) {
		CompletableFuture<T> result = new CompletableFuture<>();
		this.engine.loop().run(() -> result.complete(step.get()));
		return result.orTimeout(5, TimeUnit.SECONDS).join();
	}

	private void run(Runnable step) {
		onLoop(() -> {
			step.run();
			return true;
		});
	}

	private Session fresh(long ttl) {
		Session session = new Session(this.engine, ttl, this.over::add);
		this.all.add(session);
		return session;
	}

	private Session start(long ttl) {
		Session session = fresh(ttl);
		run(session::start);
		return session;
	}

	/** With its session key in etcd, and watched. */
	private Session started(long ttl) {
		Session session = start(ttl);
		await().until(() -> onLoop(session::state) == State.ACTIVE && !this.traffic.watches().isEmpty());
		return session;
	}

	private long renewals() {
		return this.traffic.sent(LeaseKeepAliveRequest.class).size();
	}

	// What is proven

	@Test
	void leaseIsProvenForItsTimeLessTheMargin() {
		this.clock.stand();
		Session session = fresh(TTL);
		assertThat(session.proven()).isFalse();
		run(session::start);
		await().until(() -> onLoop(session::state) == State.ACTIVE);
		assertThat(session.provenFor()).isEqualTo(PROVEN);
		this.clock.leap(Duration.ofNanos(PROVEN - 1));
		assertThat(session.proven()).isTrue();
		this.clock.leap(Duration.ofNanos(1));
		assertThat(session.proven()).isFalse();
	}

	@Test
	void marginIsATenthOfAShortTime() {
		this.clock.stand();
		Session session = start(5);
		await().until(() -> onLoop(session::state) == State.ACTIVE);
		assertThat(session.provenFor()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(4500));
	}

	@Test
	void renewalCountsFromWhenItWasSent() {
		this.clock.stand();
		Session session = started(TTL);
		long sent = this.clock.nanos();
		this.clock.leap(Duration.ofSeconds(10));
		run(() -> session.renewed(sent + 1_000_000_000, this.clock.wallAhead(), TTL));
		assertThat(session.provenFor()).isEqualTo(PROVEN - TimeUnit.SECONDS.toNanos(9));
	}

	@Test
	void lateAnswerTakesNothingAway() {
		this.clock.stand();
		Session session = started(TTL);
		run(() -> session.renewed(this.clock.nanos() - 5_000_000_000L, this.clock.wallAhead(), TTL));
		assertThat(session.provenFor()).isEqualTo(PROVEN);
	}

	@Test
	void etcdMayGrantLessAndNeverMore() {
		this.clock.stand();
		Session session = started(TTL);
		// It is time for a renewal, whose answer has no part in this.
		this.traffic.renewals().shut();
		this.clock.leap(Duration.ofSeconds(55));
		run(() -> session.renewed(this.clock.nanos(), this.clock.wallAhead(), 20));
		assertThat(session.provenFor()).isEqualTo(TimeUnit.SECONDS.toNanos(20) - MARGIN);
		run(() -> session.renewed(this.clock.nanos(), this.clock.wallAhead(), 600));
		assertThat(session.provenFor()).isEqualTo(PROVEN);
	}

	@Test
	void wallClockMayBeAheadByTheMargin() {
		this.clock.stand();
		Session session = started(TTL);
		// The wall clock goes on while the other one stands.
		this.clock.sleepMachine(Duration.ofMillis(300));
		assertThat(session.proven()).isTrue();
		this.clock.sleepMachine(Duration.ofMillis(1100));
		assertThat(session.proven()).isFalse();
	}

	// Beginning

	@Test
	void whoeverAsksIsToldWhenTheLeaseIsThere() {
		Session session = fresh(TTL);
		Answers early = new Answers();
		run(() -> session.whenStarted(early));
		assertThat(early.started).isZero();
		run(session::start);
		await().until(() -> early.started == 1);
		Answers late = new Answers();
		run(() -> session.whenStarted(late));
		assertThat(late.started).isEqualTo(1);
		run(() -> session.renewed(this.clock.nanos(), this.clock.wallAhead(), TTL));
		assertThat(early.started).isEqualTo(1);
	}

	@Test
	void refusedLeaseIsTheEnd() {
		Session session = fresh(10_000_000_000L);
		Answers answers = new Answers();
		run(() -> {
			session.whenStarted(answers);
			session.start();
		});
		await().until(() -> answers.failures.size() == 1);
		assertThat(answers.failures.get(0).text()).contains("too large lease TTL");
		assertThat(session.state()).isEqualTo(State.LOST);
		assertThat(session.proven()).isFalse();
		assertThat(this.over).containsExactly(session);
		assertThat(session.granting()).isFalse();
		assertThat(this.traffic.sent(LeaseRevokeRequest.class)).isEmpty();
		Answers late = new Answers();
		run(() -> session.whenStarted(late));
		assertThat(late.failures).hasSize(1);
	}

	@Test
	void lostGrantIsAskedForAgainWithTheSameLease() {
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_REQUEST, LeaseGrantRequest.class::isInstance);
		Session session = start(TTL);
		lost.awaitRequest(LeaseGrantRequest.class);
		await().until(() -> onLoop(session::state) == State.ACTIVE);
		assertThat(this.traffic.sent(LeaseGrantRequest.class)).hasSize(2)
			.allMatch((request) -> request.getID() == session.lease() && request.getTTL() == TTL);
	}

	@Test
	void grantWhoseAnswerWasLostIsRenewedBeforeUse() {
		this.traffic.renewals().shut();
		Fault lost = this.traffic.fault(Fault.Kind.LOSE_ANSWER, LeaseGrantRequest.class::isInstance);
		Session session = start(TTL);
		lost.awaitAnswer();
		await().until(() -> this.traffic.renewals().waiting() > 0);
		assertThat(session.state()).isEqualTo(State.STARTING);
		assertThat(session.proven()).isFalse();
		this.traffic.renewals().open();
		await().until(session::proven);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
	}

	@Test
	void leaseThatIsGrantedTooLateIsRevoked() {
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, LeaseGrantRequest.class::isInstance);
		Session session = start(TTL);
		held.awaitAnswer();
		assertThat(session.granting()).isTrue();
		run(() -> session.lost("the test"));
		held.release();
		await().until(session::gone);
		assertThat(session.state()).isEqualTo(State.LOST);
		assertThat(session.granting()).isFalse();
		await().until(() -> this.managers.leases().isEmpty());
	}

	// Renewal

	@Test
	void renewedAtAThirdOfItsTime() {
		this.clock.stand();
		Session session = started(TTL);
		for (long renewal = 1; renewal <= 2; renewal++) {
			long before = renewal - 1;
			long sent = this.clock.nanos();
			this.clock.leap(Duration.ofMillis(19_900));
			// An old answer is no news, but lets the session look at its clock.
			run(() -> session.renewed(sent - 1, this.clock.wallAhead(), TTL));
			await().during(Duration.ofMillis(250)).until(() -> renewals() == before);
			this.clock.leap(Duration.ofMillis(100));
			await().until(() -> renewals() > before && session.provenFor() == PROVEN);
			assertThat(renewals()).isEqualTo(before + 1);
			assertThat(session.state()).isEqualTo(State.ACTIVE);
		}
	}

	@Test
	void overdueRenewalSuspendsAndAnAnswerHeals() {
		Session session = started(5);
		this.traffic.renewals().shut();
		await().until(() -> onLoop(session::state) == State.SUSPENDED);
		assertThat(session.proven()).isTrue();
		await().until(() -> renewals() >= 2);
		this.traffic.renewals().open();
		await().atMost(Duration.ofSeconds(5)).until(() -> onLoop(session::state) == State.ACTIVE);
		assertThat(session.over()).isFalse();
	}

	@Test
	void sessionThatNobodyRenewsIsLostWhenItsTimeIsOver() {
		Session session = started(2);
		long until = this.clock.nanos() + session.provenFor();
		this.traffic.renewals().shut();
		await().pollInterval(Duration.ofMillis(10)).until(() -> onLoop(session::state) == State.LOST);
		assertThat(this.clock.nanos() - until).isBetween(0L, TimeUnit.SECONDS.toNanos(3));
		assertThat(this.over).containsExactly(session);
		await().until(session::gone);
	}

	@Test
	void brokenRenewalStreamIsReplacedSoon() {
		// No answer is late then, for which it would be sent once more.
		this.clock.stand();
		Session session = started(TTL);
		run(session::renewalFailed);
		await().atMost(Duration.ofSeconds(5)).until(() -> renewals() == 1);
		await().during(Duration.ofMillis(250)).until(() -> renewals() == 1);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
	}

	@Test
	void machineThatSleptSuspendsUntilRenewed() {
		Session session = started(TTL);
		this.traffic.renewals().shut();
		run(session::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
		this.clock.sleepMachine(Duration.ofMinutes(1));
		run(session::tick);
		assertThat(session.state()).isEqualTo(State.SUSPENDED);
		run(session::tick);
		assertThat(renewals()).isEqualTo(1);
		this.traffic.renewals().open();
		await().until(session::proven);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
	}

	@Test
	void keysOfTheLeaseAreLookedAtEveryHalfMinute() {
		Session session = started(TTL);
		run(session::tick);
		assertThat(this.traffic.sent(LeaseTimeToLiveRequest.class)).isEmpty();
		this.clock.leap(Duration.ofSeconds(31));
		run(session::tick);
		assertThat(this.traffic.sent(LeaseTimeToLiveRequest.class)).hasSize(1);
	}

	@Test
	void keysOfALeaseWithoutChangesAreLookedAtEverMoreRarely() {
		this.clock.stand();
		Session session = started(3600);
		assertThat(looksWithin(session, 60)).isEqualTo(2);
		assertThat(looksWithin(session, 180)).as("after 120 and 240 seconds").isEqualTo(2);
		run(session::touch);
		assertThat(looksWithin(session, 60)).as("after a change").isEqualTo(2);
		assertThat(looksWithin(session, 1800)).as("every ten minutes in the end").isEqualTo(5);
	}

	private long looksWithin(Session session, int seconds) {
		long before = this.traffic.sent(LeaseTimeToLiveRequest.class).size();
		for (int second = 0; second < seconds; second++) {
			this.clock.leap(Duration.ofSeconds(1));
			run(session::tick);
		}
		return this.traffic.sent(LeaseTimeToLiveRequest.class).size() - before;
	}

	// End

	@Test
	void lostIsFinal() {
		Session session = started(TTL);
		run(() -> session.lost("the test"));
		assertThat(session.state()).isEqualTo(State.LOST);
		assertThat(session.over()).isTrue();
		assertThat(session.proven()).isFalse();
		run(() -> {
			session.renewed(this.clock.nanos(), this.clock.wallAhead(), TTL);
			session.lost("again");
			session.leaseGone();
			session.close();
			session.tick();
		});
		assertThat(session.state()).isEqualTo(State.LOST);
		assertThat(session.proven()).isFalse();
		assertThat(this.over).containsExactly(session);
		await().until(session::gone);
		assertThat(this.traffic.sent(LeaseRevokeRequest.class)).hasSize(1);
		assertThat(this.managers.leases()).isEmpty();
	}

	@Test
	void closedGivesTheLeaseBack() {
		Session session = started(TTL);
		assertThat(session.gone()).isFalse();
		run(session::close);
		assertThat(session.state()).isEqualTo(State.CLOSED);
		assertThat(session.over()).isTrue();
		assertThat(session.proven()).isFalse();
		assertThat(this.over).containsExactly(session);
		await().until(session::gone);
		assertThat(this.managers.leases()).isEmpty();
		run(() -> session.lost("too late"));
		assertThat(session.state()).isEqualTo(State.CLOSED);
		long renewals = renewals();
		await().during(Duration.ofMillis(200)).until(() -> renewals() == renewals);
	}

	@Test
	void endTellsThoseWhoWaitForTheLease() {
		Session session = fresh(TTL);
		Answers answers = new Answers();
		run(() -> {
			session.whenStarted(answers);
			session.close();
		});
		assertThat(answers.failures).hasSize(1);
		await().until(session::gone);
	}

	@Test
	void leaseThatEtcdDoesNotKnowIsLost() {
		Session session = started(TTL);
		try (Outsider outsider = new Outsider(etcd.endpoint())) {
			outsider.revoke(session.lease());
		}
		await().atMost(Duration.ofSeconds(5)).until(() -> onLoop(session::state) == State.LOST);
		await().until(session::gone);
	}

	@Test
	void uniqueNamesNeverComeTwice() {
		Session session = fresh(TTL);
		String lease = Long.toHexString(session.lease());
		assertThat(session.unique()).isEqualTo(lease + "-1");
		assertThat(session.unique()).isEqualTo(lease + "-2");
		assertThat(session.nameOf("x")).isEqualTo(lease + "-x");
		assertThat(session).hasToString(this.managers.prefix() + "/.sessions/" + lease + "/");
	}

	// One for each TTL

	@Test
	void eachTtlHasOneSession() {
		Session session = onLoop(() -> this.sessions.get(TTL));
		assertThat(onLoop(() -> this.sessions.get(TTL))).isSameAs(session);
		Session other = onLoop(() -> this.sessions.get(TTL + 1));
		assertThat(other).isNotSameAs(session);
		assertThat(this.sessions.all()).containsExactlyInAnyOrder(session, other);
		await().until(() -> this.sessions.started(TTL) == session);
	}

	@Test
	void sessionThatStartsIsNotThereYet() {
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, LeaseGrantRequest.class::isInstance);
		Session session = onLoop(() -> this.sessions.get(TTL));
		held.awaitAnswer();
		assertThat(onLoop(() -> this.sessions.started(TTL) == null)).isTrue();
		assertThat(onLoop(() -> this.sessions.started(TTL + 1) == null)).isTrue();
		held.release();
		await().until(() -> this.sessions.started(TTL) == session);
	}

	@Test
	void lostSessionIsReplaced() {
		Session session = onLoop(() -> this.sessions.get(TTL));
		await().until(session::proven);
		run(() -> session.lost("the test"));
		assertThat(this.sessions.all()).isEmpty();
		Session next = onLoop(() -> this.sessions.get(TTL));
		assertThat(next).isNotSameAs(session);
		await().until(next::proven);
	}

	@Test
	void sessionNobodyUsesForFiveMinutesIsClosed() {
		this.clock.stand();
		Session session = onLoop(() -> this.sessions.get(600));
		await().until(session::proven);
		this.clock.leap(Duration.ofMinutes(5));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
		this.clock.leap(Duration.ofNanos(1));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.CLOSED);
		assertThat(this.sessions.all()).isEmpty();
	}

	@Test
	void sessionWithSomethingToEndIsUsed() {
		this.clock.stand();
		Session session = onLoop(() -> this.sessions.get(600));
		await().until(session::proven);
		run(() -> session.reaping(1));
		this.clock.leap(Duration.ofMinutes(6));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
		run(() -> session.reaping(-1));
		this.clock.leap(Duration.ofMinutes(1));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
	}

	@Test
	void sessionThatSomethingIsTiedToIsUsed() {
		this.clock.stand();
		Session session = onLoop(() -> this.sessions.get(600));
		await().until(session::proven);
		List<String> told = new CopyOnWriteArrayList<>();
		Session.Tied user = told::add;
		run(() -> session.tie(user));
		this.clock.leap(Duration.ofMinutes(6));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
		run(() -> session.untie(user));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
		run(() -> session.tie(user));
		run(() -> session.lost("the test"));
		assertThat(told).containsExactly("the test");
	}

	@Test
	void sessionThatIsTouchedOrKeptStays() {
		this.clock.stand();
		Session session = onLoop(() -> this.sessions.get(600));
		Session lasting = onLoop(() -> this.sessions.lasting(601));
		await().until(() -> session.proven() && lasting.proven());
		this.clock.leap(Duration.ofMinutes(4));
		run(session::touch);
		this.clock.leap(Duration.ofMinutes(4));
		run(this.sessions::tick);
		assertThat(session.state()).isEqualTo(State.ACTIVE);
		assertThat(lasting.state()).isEqualTo(State.ACTIVE);
	}

	@Test
	void closedSessionsBeginNoOther() {
		Session session = onLoop(() -> this.sessions.get(TTL));
		await().until(session::proven);
		run(this.sessions::close);
		assertThat(session.state()).isEqualTo(State.CLOSED);
		Session next = onLoop(() -> this.sessions.get(TTL));
		assertThat(next.state()).isEqualTo(State.CLOSED);
		assertThat(this.sessions.all()).isEmpty();
		await().until(session::gone);
		assertThat(this.traffic.sent(LeaseGrantRequest.class)).hasSize(1);
	}

	@Test
	void statusSaysWhatIsKnown() {
		this.clock.stand();
		Session session = fresh(TTL);
		assertThat(session.status())
			.isEqualTo(new EngineStatus.SessionStatus("STARTING", Duration.ofSeconds(TTL), Duration.ZERO, 0));
		run(session::start);
		await().until(session::proven);
		assertThat(session.status())
			.isEqualTo(new EngineStatus.SessionStatus("ACTIVE", Duration.ofSeconds(TTL), Duration.ofNanos(PROVEN), 0));
	}

	private static final class Answers implements Session.Starter {

		private volatile int started;

		private final List<EtcdFailure> failures = new CopyOnWriteArrayList<>();

		@Override
		public void started() {
			this.started++;
		}

		@Override
		public void failed(EtcdFailure failure) {
			this.failures.add(failure);
		}

	}

}
