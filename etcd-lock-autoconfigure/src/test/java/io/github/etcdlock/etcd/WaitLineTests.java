package io.github.etcdlock.etcd;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchCreateRequest.FilterType;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** One line by itself: its queue, and what it knows of etcd through its watch. */
class WaitLineTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final LockRequest WRITER = LockRequest.of("a");

	private static final LockRequest READER = WRITER.shared();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final Traffic traffic = new Traffic();

	private final Engine engine = this.managers.with().traffic(this.traffic).start().engine();

	private final Sessions sessions = new Sessions(this.engine);

	private final Lines lines = new Lines(this.engine, this.sessions, "etcd");

	private final WaitLine line = this.lines.line(this.engine.keys().line("a"));

	@AfterEach
	void endSessions() {
		onLoop(() -> {
			this.sessions.all().forEach(Session::close);
			return true;
		});
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

	private Ticket ticket(LockRequest request, boolean waits) {
		return new Ticket(Claim.lock(request), 30, waits, false, this.engine.clock().nanos());
	}

	private Ticket ask(LockRequest request) {
		Ticket ticket = ticket(request, true);
		run(() -> this.lines.enter(ticket));
		return ticket;
	}

	private HeldLock granted(Ticket ticket) {
		HeldLock lock = ticket.outcome().orTimeout(5, TimeUnit.SECONDS).join();
		assertThat(lock).isNotNull();
		return lock;
	}

	private boolean free(LockRequest request, boolean waits) {
		return onLoop(() -> this.line.free(ticket(request, waits)));
	}

	private Place place() {
		return this.line.places().get(0);
	}

	private ByteString key(String name) {
		return this.line.prefix().concat(ByteString.copyFromUtf8(name));
	}

	private static Event event(Event.EventType type, ByteString key, long revision, String value) {
		return Event.newBuilder()
			.setType(type)
			.setKv(KeyValue.newBuilder().setKey(key).setModRevision(revision).setValue(ByteString.copyFromUtf8(value)))
			.build();
	}

	private void put(String name, long revision, String value) {
		run(() -> this.line.changed(List.of(event(Event.EventType.PUT, key(name), revision, value))));
	}

	private void deleted(String name, long revision) {
		run(() -> this.line.changed(List.of(event(Event.EventType.DELETE, key(name), revision, ""))));
	}

	// The queue

	@Test
	void freshLineHasNothing() {
		assertThat(this.line.prefix().toStringUtf8()).isEqualTo(this.managers.line("a"));
		assertThat(this.line.end().toStringUtf8()).isEqualTo(this.managers.prefix() + "/a0");
		assertThat(this.line.head()).isNull();
		assertThat(this.line.queue()).isEmpty();
		assertThat(this.line.places()).isEmpty();
		assertThat(this.line.idle()).isTrue();
		assertThat(this.line.watched()).isFalse();
		assertThat(free(WRITER, true)).isTrue();
	}

	@Test
	void writerKeepsTheLineToItself() {
		HeldLock lock = granted(ask(WRITER));
		assertThat(this.line.idle()).isFalse();
		assertThat(this.line.queue()).isEmpty();
		assertThat(this.line.places()).hasSize(1);
		assertThat(free(WRITER, true)).isFalse();
		assertThat(free(READER, false)).isFalse();
		assertThat(this.line.open(null, LockAdmission.SHARED)).isFalse();
		assertThat(this.line.open(place(), LockAdmission.EXCLUSIVE)).isTrue();
		lock.close();
		await().until(this.line::idle);
		assertThat(this.line.places()).isEmpty();
		assertThat(this.line.open(null, LockAdmission.EXCLUSIVE)).isTrue();
	}

	@Test
	void waitersAreServedInOrder() {
		HeldLock lock = granted(ask(WRITER));
		Ticket second = ask(WRITER);
		Ticket third = ask(WRITER);
		assertThat(this.line.head()).isSameAs(second);
		assertThat(this.line.queue()).containsExactly(second, third);
		assertThat(this.line.idle()).isFalse();
		lock.close();
		HeldLock next = granted(second);
		assertThat(this.line.head()).isSameAs(third);
		assertThat(third.outcome()).isNotDone();
		next.close();
		granted(third).close();
		await().until(this.line::idle);
	}

	@Test
	void readersLeaveTheLineOpen() {
		HeldLock lock = granted(ask(READER));
		assertThat(free(READER, true)).isTrue();
		assertThat(this.line.open(null, LockAdmission.EXCLUSIVE)).isTrue();
		Ticket writer = ask(WRITER);
		assertThat(free(READER, true)).isFalse();
		assertThat(free(READER, false)).isFalse();
		lock.close();
		granted(writer).close();
		await().until(this.line::idle);
	}

	@Test
	void readerWhoTriesOnceNeedNotWaitForReadersWhoAreBeingAnswered() {
		granted(ask(LockRequest.of("warm"))).close();
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
		Ticket reader = ask(READER);
		held.awaitAnswer();
		assertThat(this.line.idle()).isFalse();
		assertThat(free(READER, false)).isTrue();
		assertThat(free(READER, true)).isFalse();
		assertThat(free(WRITER, false)).isFalse();
		held.release();
		granted(reader).close();
		await().until(this.line::idle);
	}

	@Test
	void lostSessionTakesItsPlacesOutOfTheLine() {
		HeldLock lock = granted(ask(READER));
		Ticket waiter = ask(WRITER);
		await().until(() -> onLoop(() -> this.line.places().size() == 2 && this.line.places().get(1).waiting()));
		Session lost = onLoop(() -> this.sessions.all().iterator().next());
		run(lost::leaseGone);
		assertThat(lock.isHeld()).isFalse();
		assertThat(lost.places()).isEmpty();
		HeldLock next = granted(waiter);
		assertThat(this.sessions.all()).hasSize(1).doesNotContain(lost);
		assertThat(onLoop(() -> this.sessions.all().iterator().next().places())).hasSize(1);
		next.close();
	}

	@Test
	void closedSessionTakesItsPlacesOutOfTheLine() {
		HeldLock lock = granted(ask(WRITER));
		run(() -> this.sessions.all().forEach(Session::close));
		assertThat(lock.isHeld()).isFalse();
		await().until(this.line::idle);
	}

	// The watch

	@Test
	void watchBeginsOnceAndEnds() {
		run(() -> this.line.watch(0));
		run(() -> this.line.watch(0));
		assertThat(this.line.watched()).isTrue();
		await().until(() -> this.traffic.watches().size() == 1 && onLoop(() -> this.line.resumeFrom() > 0));
		assertThat(this.traffic.watches().get(0).getFiltersList()).containsExactly(FilterType.NOPUT);
		run(this.line::unwatch);
		assertThat(this.line.watched()).isFalse();
		run(this.line::unwatch);
		assertThat(this.line.gapAfter(0)).isFalse();
	}

	@Test
	void watchOfArrivalsTakesThePlaceOfAnother() {
		run(() -> this.line.watch(0));
		assertThat(onLoop(this.line::watchArrivals)).isFalse();
		await().until(() -> onLoop(this.line::watchArrivals));
		assertThat(this.traffic.watches().get(this.traffic.watches().size() - 1).getFiltersList()).isEmpty();
		assertThat(this.engine.watches().size()).isEqualTo(1);
		assertThat(this.line.watched()).isTrue();
	}

	@Test
	void gapIsWhatNeitherReadNorWatchHasSeen() {
		assertThat(this.line.gapAfter(5)).isFalse();
		run(() -> this.line.watching(100));
		assertThat(this.line.gapAfter(99)).isTrue();
		assertThat(this.line.gapAfter(100)).isFalse();
	}

	@Test
	void interruptedWatchGoesOnWhereItWas() {
		assertThat(this.line.resumeFrom()).isZero();
		run(() -> this.line.watching(100));
		assertThat(onLoop(this.line::resumeFrom)).isEqualTo(101);
		assertThat(this.line.gapAfter(99)).isFalse();
		deleted("x", 120);
		assertThat(onLoop(this.line::resumeFrom)).isEqualTo(121);
		deleted("x", 110);
		assertThat(onLoop(this.line::resumeFrom)).isEqualTo(121);
		this.line.storeWentBack();
		assertThat(onLoop(this.line::resumeFrom)).isZero();
		run(() -> this.line.watch(51));
		assertThat(onLoop(this.line::resumeFrom)).isEqualTo(51);
	}

	@Test
	void whoeverWaitsReadsTheLineAfterAnInterruption() {
		HeldLock other = others();
		Ticket waiter = ask(WRITER);
		await().until(() -> onLoop(() -> !this.line.places().isEmpty() && place().waiting()));
		assertThat(onLoop(this.line::resumeFrom)).isZero();
		other.close();
		granted(waiter).close();
	}

	@Test
	void arrivalsOfOthersAreBehind() {
		HeldLock lock = granted(ask(WRITER));
		long revision = lock.revision();
		run(() -> this.line.watching(revision));
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isTrue();
		String own = lock.ownershipKeys().get(0);
		put(own.substring(own.lastIndexOf('/') + 1), revision + 1, "");
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isTrue();
		put("reader", revision + 2, "shared");
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isFalse();
		assertThat(this.line.nobodyBehind(place(), LockAdmission.SHARED)).isTrue();
		put("writer", revision + 3, "");
		assertThat(this.line.nobodyBehind(place(), LockAdmission.SHARED)).isFalse();
		deleted("writer", revision + 4);
		assertThat(this.line.nobodyBehind(place(), LockAdmission.SHARED)).isTrue();
		deleted("reader", revision + 5);
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isTrue();
		run(() -> this.line.watching(revision + 6));
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isFalse();
		lock.close();
	}

	@Test
	void whatWasSeenOfOthersIsForgottenWithTheWatch() {
		HeldLock lock = granted(ask(WRITER));
		put("writer", lock.revision() + 1, "");
		run(() -> this.line.watch(0));
		run(this.line::unwatch);
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isTrue();
		put("writer", lock.revision() + 1, "");
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isFalse();
		run(() -> this.line.resumeFrom());
		assertThat(this.line.nobodyBehind(place(), LockAdmission.EXCLUSIVE)).isTrue();
		lock.close();
	}

	@Test
	void deletionThatOvertakesTheAnswerCounts() {
		HeldLock other = others();
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
		Ticket waiter = ask(WRITER);
		held.awaitAnswer();
		run(() -> this.line.watching(0));
		String key = other.ownershipKeys().get(0);
		long later = Long.MAX_VALUE / 2;
		deleted(key.substring(key.lastIndexOf('/') + 1), later);
		held.release();
		HeldLock lock = granted(waiter);
		assertThat(this.traffic.count(this::readsTheLine)).isZero();
		// What was replayed once is not kept for the next.
		run(this.line::asked);
		run(() -> this.line.answered(place()));
		assertThat(lock.isHeld()).isTrue();
		other.close();
		lock.close();
	}

	/** The session reads its own key too, if the store moves while it begins. */
	private boolean readsTheLine(Object message) {
		return message instanceof RangeRequest read && read.getKey().equals(this.line.prefix());
	}

	private HeldLock others() {
		return (HeldLock) this.managers.template().acquireAsync(WRITER).orTimeout(5, TimeUnit.SECONDS).join();
	}

}
