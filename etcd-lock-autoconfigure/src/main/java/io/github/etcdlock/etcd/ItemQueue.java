package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue whose items are one key each, taken by deleting it: the layout of Go's recipes.
 * To take is one guarded transaction, and etcd gives the value with it.
 */
final class ItemQueue {

	private static final Logger logger = LoggerFactory.getLogger(ItemQueue.class);

	/**
	 * What was taken.
	 *
	 * @param key where it was
	 * @param value what was there
	 */
	record Taken(ByteString key, ByteString value) {
	}

	private final Queues queues;

	private final Engine engine;

	private final String text;

	private final ByteString prefix;

	private final Supplier<Area> area;

	private final QueueUse use;

	private final Consumers<Taken> consumers;

	ItemQueue(Queues queues, String text, ByteString prefix, Supplier<Area> area, QueueUse use) {
		this.queues = queues;
		this.engine = queues.engine();
		this.text = text;
		this.prefix = prefix;
		this.area = area;
		this.use = use;
		this.consumers = new Consumers<>(queues, Kind::new);
	}

	/** On the loop only. */
	Consumers<Taken> consumers() {
		return this.consumers;
	}

	/** As messages show it: queue "orders". */
	String text() {
		return this.text;
	}

	/** A key that is behind all that this process has made before. */
	ByteString key(String rank) {
		return this.prefix.concat(ByteString.copyFromUtf8(rank + this.queues.names().next()));
	}

	CompletableFuture<Boolean> offer(Map<ByteString, ByteString> items) {
		this.queues.checkOpen(this.text);
		TxnRequest.Builder request = TxnRequest.newBuilder();
		items.forEach((key, value) -> request.addSuccess(put(key, value)));
		Offer offer = new Offer(request.build(),
				(response, revision) -> items.keySet()
					.forEach((key) -> this.consumers.offered(KeyValue.newBuilder()
						.setKey(key)
						.setCreateRevision(revision)
						.setModRevision(revision)
						.setVersion(1)
						.build())));
		this.engine.loop().run(() -> this.queues.lanes().send(offer));
		return offer.outcome();
	}

	private static RequestOp put(ByteString key, ByteString value) {
		return RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value)).build();
	}

	/** Takes what is there, without waiting. */
	List<Taken> take(int most, Waits waits) {
		Poll<Taken> poll = new Poll<>(most, false);
		enter(poll);
		return counted(waits.settled("take from the " + this.text, poll.outcome()));
	}

	/** Takes the first item there is within a time. */
	List<Taken> take(Duration wait, Waits waits) throws InterruptedException {
		if (wait.isNegative()) {
			throw new IllegalArgumentException("The wait time must not be negative, but was " + wait);
		}
		if (wait.isZero()) {
			return take(1, waits);
		}
		Poll<Taken> poll = new Poll<>(1, true);
		enter(poll);
		return counted(waits.upTo(wait, "take from the " + this.text, poll).orElse(List.of()));
	}

	private List<Taken> counted(List<Taken> items) {
		this.use.delivered(items.size());
		return items;
	}

	private void enter(Poll<Taken> poll) {
		this.queues.checkOpen(this.text);
		this.engine.loop().run(() -> this.consumers.enter(poll));
	}

	CompletableFuture<RangeResponse> first() {
		return read(this.area.get().request().toBuilder().setKeysOnly(false).setLimit(1).build());
	}

	CompletableFuture<RangeResponse> count() {
		return read(RangeRequest.newBuilder()
			.setKey(this.prefix)
			.setRangeEnd(KeySpace.end(this.prefix))
			.setCountOnly(true)
			.build());
	}

	private CompletableFuture<RangeResponse> read(RangeRequest request) {
		this.queues.checkOpen(this.text);
		CompletableFuture<RangeResponse> answer = new CompletableFuture<>();
		this.engine.store()
			.range(request, this.engine.store().deadline(), answer::complete,
					(failure) -> answer.completeExceptionally(failure.unanswered()));
		return answer;
	}

	/** Puts an item back where it was, by name; by age it is the last now. */
	private final class Return implements Once {

		private final Taken item;

		Return(Taken item) {
			this.item = item;
		}

		@Override
		public TxnRequest request(Session session) {
			return TxnRequest.newBuilder().addSuccess(put(this.item.key(), this.item.value())).build();
		}

		@Override
		public void answered(TxnResponse response, long revision) {
			logger.debug("Nobody wanted {} any more: it is back in the {}", this.item.key().toStringUtf8(),
					ItemQueue.this.text);
		}

		@Override
		public void failed(EtcdFailure failure) {
			logger.warn("{} of the {} could not be put back yet: {}", this.item.key().toStringUtf8(),
					ItemQueue.this.text, failure.text());
		}

		@Override
		public void never() {
			ItemQueue.this.engine.later(ItemQueue.this.engine.settings().requestTimeout().toNanos() / 4,
					() -> ItemQueue.this.queues.lanes().send(this));
		}

		@Override
		public void unknown() {
			logger.error("{} of the {} may be lost: it was taken for somebody who had left, and nobody knows "
					+ "whether it is back", this.item.key().toStringUtf8(), ItemQueue.this.text);
		}

	}

	/** An item is a key, and to take it is to delete it. */
	private final class Kind implements Head.Kind<Taken> {

		private final Area items = ItemQueue.this.area.get();

		@Override
		public ByteString begin() {
			return ItemQueue.this.prefix;
		}

		@Override
		public ByteString end() {
			return KeySpace.end(ItemQueue.this.prefix);
		}

		@Override
		public Area items() {
			return this.items;
		}

		@Override
		public List<Area> areas() {
			return List.of(this.items);
		}

		@Override
		public boolean free(Item item) {
			return true;
		}

		@Override
		public @Nullable Item itemOf(ByteString key) {
			return null;
		}

		@Override
		public TxnRequest take(Item item, Session session) {
			return TxnRequest.newBuilder()
				.addCompare(item.unchanged())
				.addSuccess(RequestOp.newBuilder()
					.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(item.key()).setPrevKv(true)))
				.build();
		}

		@Override
		public Taken taken(Item item, TxnResponse response, long revision, Session session) {
			return new Taken(item.key(), response.getResponses(0).getResponseDeleteRange().getPrevKvs(0).getValue());
		}

		@Override
		public void giveBack(Taken item) {
			ItemQueue.this.queues.lanes().send(new Return(item));
		}

		@Override
		public void settled(Head<Taken> head) {
			// There is nothing but items.
		}

		@Override
		public boolean used() {
			return false;
		}

	}

}
