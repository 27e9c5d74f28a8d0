package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A work queue as this process uses it: what it has received, and what it sees to for all
 * consumers. An item is taken by a claim beside it, which ends with its consumer's lease.
 */
final class WorkItems {

	private static final Logger logger = LoggerFactory.getLogger(WorkItems.class);

	private static final int DELAYED_WINDOW = 256;

	/** So that one process is the first to see that an item is due. */
	private static final long JITTER = TimeUnit.MILLISECONDS.toNanos(10);

	private final Queues queues;

	private final Engine engine;

	private final String text;

	private final WorkKeys keys;

	private final int maxDeliveries;

	private final QueueUse use;

	/** What this process has, by claim; on the loop. */
	private final Map<ByteString, Delivery> held = new HashMap<>();

	private final Consumers<Delivery> consumers;

	WorkItems(Queues queues, String text, WorkKeys keys, int maxDeliveries, QueueUse use) {
		this.queues = queues;
		this.engine = queues.engine();
		this.text = text;
		this.keys = keys;
		this.maxDeliveries = maxDeliveries;
		this.use = use;
		this.consumers = new Consumers<>(queues, Kind::new);
	}

	/** On the loop only. */
	Consumers<Delivery> consumers() {
		return this.consumers;
	}

	/** As messages show it: work queue "orders". */
	String text() {
		return this.text;
	}

	Engine engine() {
		return this.engine;
	}

	WorkKeys keys() {
		return this.keys;
	}

	Names names() {
		return this.queues.names();
	}

	QueueUse use() {
		return this.use;
	}

	int maxDeliveries() {
		return this.maxDeliveries;
	}

	// What users do

	/** Changes the queue; whether the guard held. */
	CompletableFuture<Boolean> change(TxnRequest request) {
		this.queues.checkOpen(this.text);
		Offer offer = new Offer(request, (response, revision) -> {
		});
		send(offer);
		return offer.outcome();
	}

	void send(Once once) {
		this.engine.loop().run(() -> this.queues.lanes().send(once));
	}

	CompletableFuture<TxnResponse> read(TxnRequest request) {
		this.queues.checkOpen(this.text);
		CompletableFuture<TxnResponse> answer = new CompletableFuture<>();
		this.engine.store()
			.repeatTxn(request, this.engine.store().deadline(), answer::complete,
					(failure) -> answer.completeExceptionally(failure.unanswered()));
		return answer;
	}

	List<Delivery> receive(int most, Duration wait, Waits waits) throws InterruptedException {
		this.queues.checkOpen(this.text);
		Poll<Delivery> poll = new Poll<>(most, !wait.isZero());
		this.engine.loop().run(() -> this.consumers.enter(poll));
		String operation = "receive from the " + this.text;
		List<Delivery> received = wait.isZero() ? waits.settled(operation, poll.outcome())
				: waits.upTo(wait, operation, poll).orElse(List.of());
		this.use.delivered(received.size());
		return received;
	}

	// On the loop

	void ended(Delivery delivery) {
		this.held.remove(delivery.claim(), delivery);
	}

	/**
	 * When a delayed item is due, and its name.
	 *
	 * @param in how long until then, in nanoseconds
	 */
	private record Due(long in, ByteString name) {
	}

	/** An item is a key, and to take it is to put a claim beside it. */
	private final class Kind implements Head.Kind<Delivery> {

		private final Area ready = Area.withValues(WorkItems.this.keys.ready(), Head.WINDOW);

		private final Area claims = Area.withValues(WorkItems.this.keys.claims(), 0);

		private final Area delayed = Area.withValues(WorkItems.this.keys.delayed(), DELAYED_WINDOW);

		private final Map<ByteString, Promotion> promotions = new HashMap<>();

		/** What was put by somebody else, and said to be. */
		private final Set<ByteString> strangers = new HashSet<>();

		/** The earliest time for which a look at the delayed items is planned. */
		private long nextLook = Long.MAX_VALUE;

		@Override
		public ByteString begin() {
			return WorkItems.this.keys.claims();
		}

		@Override
		public ByteString end() {
			return KeySpace.end(WorkItems.this.keys.ready());
		}

		@Override
		public Area items() {
			return this.ready;
		}

		@Override
		public List<Area> areas() {
			return List.of(this.ready, this.claims, this.delayed);
		}

		@Override
		public boolean free(Item item) {
			if (!Pointer.isOne(item.stored().getValue())) {
				passOver(item);
				return false;
			}
			return this.claims.get(claim(item)) == null;
		}

		/** Somebody else has put it: it stays where it is, and is in nobody's way. */
		private void passOver(Item item) {
			if (this.strangers.add(item.key())) {
				logger.warn("{} is no item of the {}; it is passed over, and should be deleted",
						item.key().toStringUtf8(), WorkItems.this.text);
			}
		}

		@Override
		public @Nullable Item itemOf(ByteString key) {
			return this.claims.has(key) ? this.ready.get(this.ready.key(this.claims.name(key))) : null;
		}

		@Override
		public TxnRequest take(Item item, Session session) {
			Pointer pointer = Pointer.parse(item.stored().getValue());
			ByteString claim = claim(item);
			return TxnRequest.newBuilder()
				.addCompare(item.unchanged())
				.addCompare(Slot.createdAt(claim, 0))
				.addSuccess(WorkKeys.get(WorkItems.this.keys.value(pointer.id())))
				.addSuccess(WorkKeys.put(claim, ByteString.copyFromUtf8(WorkItems.this.engine.settings().application()),
						session.lease()))
				.addSuccess(WorkKeys.put(item.key(), item.stored().getValue()))
				.build();
		}

		@Override
		public ByteString claim(Item item) {
			return this.claims.key(this.ready.name(item.key()));
		}

		@Override
		public @Nullable Delivery taken(Item item, TxnResponse response, long revision, Session session) {
			List<KeyValue> value = response.getResponses(0).getResponseRange().getKvsList();
			Delivery delivery = new Delivery(WorkItems.this, this.ready.name(item.key()), item.stored(), revision,
					session, value.isEmpty() ? ByteString.EMPTY : value.get(0).getValue());
			WorkItems.this.held.put(delivery.claim(), delivery);
			if (session.over()) {
				delivery.sessionLost("the session ended");
				return null;
			}
			session.tie(delivery);
			if (value.isEmpty()) {
				logger.warn("An item of the {} has no value any more: {}", WorkItems.this.text, delivery.id());
				delivery.drop();
				return null;
			}
			if (delivery.delivery() > WorkItems.this.maxDeliveries) {
				delivery.bury("delivered " + WorkItems.this.maxDeliveries
						+ " times, and its consumers neither acknowledged it nor gave it back");
				return null;
			}
			return delivery;
		}

		@Override
		public void giveBack(Delivery item) {
			item.undeliver();
		}

		@Override
		public boolean used() {
			return !WorkItems.this.held.isEmpty();
		}

		@Override
		public void settled(Head<Delivery> head) {
			List.copyOf(WorkItems.this.held.values()).forEach((delivery) -> {
				Item claim = this.claims.get(delivery.claim());
				if (head.revision() >= delivery.revision()
						&& (claim == null || claim.stored().getCreateRevision() != delivery.revision())) {
					delivery.gone();
				}
			});
			promote();
		}

		/** Makes ready what is due, and looks again when the next is. */
		private void promote() {
			for (Item item : this.delayed.items()) {
				Due due = due(item);
				if (due != null && due.in() > 0) {
					lookAgainIn(due.in());
					return;
				}
				if (due != null && !this.promotions.containsKey(item.key())) {
					Promotion promotion = new Promotion(this, item, due.name());
					this.promotions.put(item.key(), promotion);
					WorkItems.this.engine.later(ThreadLocalRandom.current().nextLong(JITTER), promotion::begin);
				}
			}
		}

		private @Nullable Due due(Item item) {
			String name = this.delayed.name(item.key()).toStringUtf8();
			int slash = name.indexOf('/');
			try {
				if (slash > 0) {
					return new Due(WorkItems.this.names().until(name.substring(0, slash)),
							ByteString.copyFromUtf8(name.substring(slash + 1)));
				}
			}
			catch (NumberFormatException ex) {
				logger.debug("No time: {}", name, ex);
			}
			passOver(item);
			return null;
		}

		private void lookAgainIn(long nanos) {
			long now = WorkItems.this.engine.clock().nanos();
			long at = (nanos > TimeUnit.DAYS.toNanos(1)) ? now + TimeUnit.DAYS.toNanos(1) : now + nanos;
			if (this.nextLook == Long.MAX_VALUE || at - this.nextLook < 0) {
				this.nextLook = at;
				WorkItems.this.engine.later(at - now, () -> {
					this.nextLook = Long.MAX_VALUE;
					promote();
				});
			}
		}

	}

	/** Makes a delayed item ready; whichever process is first. */
	private final class Promotion implements Once {

		private final Kind kind;

		private final Item item;

		private final ByteString name;

		Promotion(Kind kind, Item item, ByteString name) {
			this.kind = kind;
			this.item = item;
			this.name = name;
		}

		void begin() {
			if (this.kind.delayed.get(this.item.key()) == this.item) {
				WorkItems.this.queues.lanes().send(this);
			}
			else {
				over();
			}
		}

		private void over() {
			this.kind.promotions.remove(this.item.key());
		}

		@Override
		public TxnRequest request(Session session) {
			return TxnRequest.newBuilder()
				.addCompare(this.item.unchanged())
				.addSuccess(Slot.delete(this.item.key()))
				.addSuccess(WorkKeys.put(WorkItems.this.keys.ready(this.name), this.item.stored().getValue()))
				.build();
		}

		@Override
		public void answered(TxnResponse response, long revision) {
			this.kind.delayed.remove(this.item.key());
			over();
		}

		@Override
		public void failed(EtcdFailure failure) {
			logger.debug("{} of the {} is due, and could not be made ready: {}", this.name.toStringUtf8(),
					WorkItems.this.text, failure.text());
		}

		@Override
		public void late(TxnResponse response, long revision) {
			answered(response, revision);
		}

		@Override
		public void never() {
			over();
			WorkItems.this.engine.later(WorkItems.this.engine.settings().requestTimeout().toNanos() / 4,
					this.kind::promote);
		}

		@Override
		public void unknown() {
			never();
		}

	}

}
