package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.recipe.DeadLetters;
import io.github.etcdlock.recipe.QueueFullException;
import io.github.etcdlock.recipe.UnreadableValueException;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkOffer;
import io.github.etcdlock.recipe.WorkQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that is delivered until somebody says that it is done. */
final class EtcdWorkQueue<T> implements WorkQueue<T> {

	private static final Logger logger = LoggerFactory.getLogger(EtcdWorkQueue.class);

	private static final int MOST = 32;

	private final WorkItems items;

	private final Waits waits;

	private final StoredValues<T> values;

	private final int capacity;

	EtcdWorkQueue(WorkItems items, Waits waits, Values values, Class<T> type, int capacity) {
		this.items = items;
		this.waits = waits;
		this.values = new StoredValues<>(items.text(), values, type);
		this.capacity = capacity;
	}

	@Override
	public void offer(T value) {
		offer(WorkOffer.of(value));
	}

	@Override
	public void offer(T value, Duration delay) {
		offer(WorkOffer.of(value).delayedBy(delay));
	}

	@Override
	public boolean offer(WorkOffer<T> offer) {
		if (this.capacity > 0 && size() >= this.capacity) {
			if (offer.id() != null && isThere(WorkKeys.id(offer.id()))) {
				return false;
			}
			throw new QueueFullException("The " + this.items.text() + " holds " + this.capacity
					+ " items, and is full: offer again later, or let more consumers work");
		}
		ByteString stored = this.values.write(offer.value());
		return this.values.offered(this.waits, 1, stored.size(), () -> this.items.change(request(offer, stored)));
	}

	private boolean isThere(String id) {
		return this.waits
			.answer("look into the " + this.items.text(),
					this.items
						.read(TxnRequest.newBuilder().addSuccess(WorkKeys.get(this.items.keys().value(id))).build()))
			.getResponses(0)
			.getResponseRange()
			.getKvsCount() > 0;
	}

	private TxnRequest request(WorkOffer<T> offer, ByteString stored) {
		WorkKeys keys = this.items.keys();
		String unique = this.items.names().next();
		String id = (offer.id() != null) ? WorkKeys.id(offer.id()) : unique;
		ByteString name = ByteString.copyFromUtf8(EtcdPriorityQueue.segment(offer.priority()) + "/" + unique);
		ByteString place = offer.delay().isZero() ? keys.ready(name)
				: keys.delayed(this.items.names().in(Waits.nanos(offer.delay())), name);
		return TxnRequest.newBuilder()
			.addCompare(Slot.createdAt(keys.value(id), 0))
			.addSuccess(WorkKeys.put(keys.value(id), stored))
			.addSuccess(WorkKeys.put(place, new Pointer(0, id).stored()))
			.build();
	}

	@Override
	public Optional<WorkItem<T>> receive(Duration wait) throws InterruptedException {
		return receive(1, wait).stream().findFirst();
	}

	@Override
	public List<WorkItem<T>> receive(int most, Duration wait) throws InterruptedException {
		if (wait.isNegative() || most < 1 || most > MOST) {
			throw new IllegalArgumentException("A consumer receives from 1 to " + MOST
					+ " items at a time, and waits for no negative time, but asked for " + most + " within " + wait);
		}
		long start = this.items.engine().clock().nanos();
		Duration left = wait;
		while (true) {
			List<Delivery> received = this.items.receive(most, left, this.waits);
			List<WorkItem<T>> readable = readable(received);
			left = wait.minusNanos(this.items.engine().clock().nanos() - start);
			if (!readable.isEmpty() || received.isEmpty()) {
				return readable;
			}
			if (left.isNegative()) {
				left = Duration.ZERO;
			}
		}
	}

	/** What cannot be read becomes a dead letter, and is in nobody's way. */
	private List<WorkItem<T>> readable(List<Delivery> received) {
		List<WorkItem<T>> readable = new ArrayList<>();
		for (Delivery delivery : received) {
			try {
				readable.add(new EtcdWorkItem<>(delivery, this.values.read(delivery.value()), this.waits));
			}
			catch (UnreadableValueException ex) {
				bury(delivery, String.valueOf(ex.getMessage()));
			}
		}
		return readable;
	}

	private static void bury(Delivery delivery, String reason) {
		try {
			delivery.bury(reason);
			logger.warn("{} It is a dead letter now", reason);
		}
		catch (LockLostException ex) {
			logger.debug("Lost before it could be made a dead letter", ex);
		}
	}

	@Override
	public long size() {
		WorkKeys keys = this.items.keys();
		TxnResponse counts = this.waits.answer("count the " + this.items.text(),
				this.items.read(TxnRequest.newBuilder()
					.addSuccess(WorkKeys.count(keys.ready()))
					.addSuccess(WorkKeys.count(keys.delayed()))
					.build()));
		return counts.getResponses(0).getResponseRange().getCount()
				+ counts.getResponses(1).getResponseRange().getCount();
	}

	@Override
	public DeadLetters<T> deadLetters() {
		return new EtcdDeadLetters<>(this.items, this.waits, this.values);
	}

}
