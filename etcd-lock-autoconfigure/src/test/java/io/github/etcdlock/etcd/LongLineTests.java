package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.api.WatchCreateRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;
import io.grpc.Status;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A line so long that whoever is far behind watches one key of it. */
class LongLineTests {

	private static final int LENGTH = 2 * Slot.NEAR + 40;

	/** The last of those whose end is none of the last one's business. */
	private static final int FAR = LENGTH - Slot.NEAR - 1;

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private final LockTemplate locks = this.managers.with().traffic(this.traffic).template();

	private final List<String> ahead = new ArrayList<>();

	@Test
	void whoeverIsFarBehindWatchesOneKeyUntilItIsNear() throws Exception {
		stand(LENGTH);
		CompletableFuture<LockHandle> waiter = farBehind();
		WatchCreateRequest watch = lastWatch();
		assertThat(watch.getKey().toStringUtf8()).isEqualTo(this.ahead.get(FAR));
		assertThat(watch.getRangeEnd().isEmpty()).isTrue();
		leave(0, FAR);
		assertThat(lastWatch()).isEqualTo(watch);
		leave(FAR, FAR + 1);
		await().until(this::watchesTheLine);
		leave(FAR + 1, LENGTH);
		served(waiter);
	}

	@Test
	void lineOfUsualLengthIsWatchedAsAWhole() throws Exception {
		stand(2 * Slot.NEAR - 1);
		CompletableFuture<LockHandle> waiter = waiter();
		await().until(this::watchesTheLine);
		leave(0, this.ahead.size());
		served(waiter);
	}

	@Test
	void itDoesNotMatterInWhichOrderTheyLeave() throws Exception {
		stand(LENGTH);
		CompletableFuture<LockHandle> waiter = farBehind();
		leave(FAR, FAR + 1);
		// The next that is as far ahead takes its part.
		await().until(() -> lastWatch().getKey().toStringUtf8().equals(this.ahead.get(FAR - 1)));
		leave(FAR + 1, LENGTH);
		leave(0, FAR);
		served(waiter);
	}

	@Test
	void allMayLeaveAtOnce() throws Exception {
		stand(LENGTH);
		CompletableFuture<LockHandle> waiter = farBehind();
		this.outsider.deleteAtOnce(this.ahead.subList(0, FAR));
		this.outsider.deleteAtOnce(this.ahead.subList(FAR, LENGTH));
		served(waiter);
	}

	@Test
	void keyThatLeavesWhileItsWatchIsMadeIsMissed() throws Exception {
		stand(LENGTH);
		Fault held = this.traffic.fault(Fault.Kind.HOLD_ANSWER, Traffic::isTake);
		CompletableFuture<LockHandle> waiter = waiter();
		held.awaitAnswer();
		leave(0, LENGTH);
		held.release();
		served(waiter);
	}

	@Test
	void keyThatLeavesWhileThereIsNoWatchIsMissed() throws Exception {
		stand(LENGTH);
		CompletableFuture<LockHandle> waiter = farBehind();
		this.traffic.watchEvents().shut();
		this.traffic.endWatchStream(Status.UNAVAILABLE);
		leave(0, LENGTH);
		this.outsider.compact();
		this.traffic.watchEvents().open();
		served(waiter);
	}

	@Test
	void readerOfTheSameProcessIsWatchedOverMeanwhile() throws Exception {
		stand(LENGTH, "shared");
		LockHandle reader = this.locks.acquire(LockRequest.of("a").shared());
		CompletableFuture<LockHandle> writer = waiter();
		await().until(() -> this.managers.queued("a").size() == LENGTH + 2);
		await().until(this::watchesTheLine);
		CompletableFuture<Boolean> lost = new CompletableFuture<>();
		reader.onLost(() -> lost.complete(true));
		this.outsider.delete(reader.ownershipKeys().get(0));
		assertThat(lost.get(5, TimeUnit.SECONDS)).isTrue();
		leave(0, LENGTH);
		served(writer);
	}

	private void stand(int length) {
		stand(length, "");
	}

	private void stand(int length, String value) {
		for (int i = 0; i < length; i++) {
			this.ahead.add(this.managers.line("a") + "stranger-" + i);
			this.outsider.put(this.ahead.get(i), value);
		}
	}

	private void leave(int from, int to) {
		this.ahead.subList(from, to).forEach(this.outsider::delete);
	}

	private CompletableFuture<LockHandle> waiter() {
		// It is to outlast a delete of each key, one after the other.
		return this.locks.acquireAsync(LockRequest.of("a").waitingUpTo(Duration.ofSeconds(60)));
	}

	private CompletableFuture<LockHandle> farBehind() {
		CompletableFuture<LockHandle> waiter = waiter();
		await().until(() -> this.traffic.watches()
			.stream()
			.anyMatch((watch) -> watch.getKey().toStringUtf8().startsWith(this.managers.line("a"))));
		return waiter;
	}

	private WatchCreateRequest lastWatch() {
		List<WatchCreateRequest> watches = this.traffic.watches();
		return watches.get(watches.size() - 1);
	}

	private boolean watchesTheLine() {
		return !this.traffic.watches().isEmpty() && lastWatch().getKey().toStringUtf8().equals(this.managers.line("a"));
	}

	private void served(CompletableFuture<LockHandle> waiter) throws Exception {
		LockHandle lock = waiter.get(5, TimeUnit.SECONDS);
		assertThat(this.managers.queued("a")).extracting(EtcdContents.Key::name)
			.containsExactlyElementsOf(lock.ownershipKeys());
		lock.close();
	}

}
