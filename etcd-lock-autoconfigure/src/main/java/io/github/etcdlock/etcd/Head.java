package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a queue as far as this process knows it, and those of this process who
 * want something from it, in order. One watch keeps it up to date for all of them; the
 * guard of each claim is what counts. Lives on the loop.
 *
 * @param <I> what a consumer gets
 */
final class Head<I> implements Watch.Owner {

	/** What is special about a kind of queue. */
	interface Kind<I> {

		/** The first key to watch. */
		ByteString begin();

		/** The first key behind those to watch. */
		ByteString end();

		/** What is taken from. */
		Area items();

		/** All areas, the items among them. */
		List<Area> areas();

		/** Whether nobody has it. */
		boolean free(Item item);

		/** The item whose state depends on a key of another area, if it is here. */
		@Nullable Item itemOf(ByteString key);

		/** A guarded transaction that takes the item. */
		TxnRequest take(Item item, Session session);

		/** What was taken with it; null if that is for no consumer. */
		@Nullable I taken(Item item, TxnResponse response, long revision, Session session);

		/**
		 * What is put beside an item to take it, and ends with the session; null if
		 * nothing is.
		 */
		default @Nullable ByteString claim(Item item) {
			return null;
		}

		/** Nobody wants it any more. */
		void giveBack(I item);

		/** The areas are up to date again. */
		void settled(Head<I> head);

		/** Whether it is needed though nobody waits. */
		boolean used();

	}

	/** How many of the next items a process looks at. */
	static final int WINDOW = 1024;

	/** How many items a claim tries before it gives up, one behind the other. */
	private static final int DEPTH = 4;

	/** How long a process that came too late lets others go first, at most. */
	private static final long COURTESY = TimeUnit.MILLISECONDS.toNanos(4);

	/** The same for one that came too late again and again. */
	private static final long LONGEST_COURTESY = TimeUnit.MILLISECONDS.toNanos(32);

	/** How often to read while somebody waits, should the watch have missed something. */
	private static final long REREAD = TimeUnit.SECONDS.toNanos(10);

	/** Of the time, reads of that kind take so small a part at most. */
	private static final int PART = 200;

	private final Engine engine;

	private final Lanes lanes;

	private final Kind<I> kind;

	/** What nobody has, as far as is known, and no claim of ours is under way for. */
	private final NavigableSet<Item> free = new TreeSet<>(Item.ORDER);

	private final Set<ByteString> reserved = new LinkedHashSet<>();

	private final Set<Poll<I>> polls = new LinkedHashSet<>();

	/** Claims that have not chosen their items yet. */
	private int choosing;

	private final Horizon horizon = new Horizon();

	/** What was taken while the areas were being read, which need not show it. */
	private final Set<Item> goneMeanwhile = new LinkedHashSet<>();

	private @Nullable Watch watch;

	private long readsBegun;

	private long lastRead;

	private long readAt;

	private long rereadAfter = REREAD;

	/** Whether etcd did not answer when it was asked last. */
	private boolean unanswered;

	/** With so few left it is time to read on. */
	private int readAgainAt;

	private long courtesy = COURTESY;

	private long courtesyUntil;

	private long idleSince;

	private boolean closed;

	Head(Engine engine, Lanes lanes, Kind<I> kind) {
		this.engine = engine;
		this.lanes = lanes;
		this.kind = kind;
		this.idleSince = engine.clock().nanos();
		this.courtesyUntil = this.idleSince;
	}

	// Who wants something

	void enter(Poll<I> poll) {
		if (this.closed) {
			poll.outcome().completeExceptionally(closedFailure());
			return;
		}
		poll.readsBefore(this.readsBegun);
		poll.whenExpired(() -> expired(poll));
		this.polls.add(poll);
		poll.outcome().whenComplete((items, failure) -> this.engine.loop().run(() -> {
			this.polls.remove(poll);
			this.idleSince = this.engine.clock().nanos();
		}));
		open();
		if (this.horizon.gap()) {
			read();
		}
		work();
	}

	/** What the watch shows is as good as an answer, as long as there is one. */
	private void expired(Poll<I> poll) {
		if (!this.horizon.current() || this.unanswered) {
			poll.readsBefore(
					Math.max(poll.readsBefore(), this.horizon.reading() ? this.readsBegun - 1 : this.readsBegun));
		}
		else if (!poll.asking() && nothingToCome()) {
			poll.give(List.of());
		}
		work();
	}

	/** Whether nothing is free, or may be soon for want of anybody who takes it. */
	private boolean nothingToCome() {
		return this.free.isEmpty() && this.reserved.isEmpty() && this.choosing == 0;
	}

	/**
	 * While somebody waits, the areas are read now and then: a lost event only delays.
	 */
	void tick(long now) {
		if (!this.polls.isEmpty() && revision() > 0 && now - this.readAt >= this.rereadAfter) {
			read();
		}
	}

	/** Up to where the areas are known. */
	long revision() {
		return this.horizon.revision();
	}

	/** For how long nobody has needed it. */
	long idleFor(long now) {
		return (this.polls.isEmpty() && this.reserved.isEmpty() && !this.kind.used()) ? now - this.idleSince : 0;
	}

	void close() {
		this.closed = true;
		if (this.watch != null) {
			this.engine.watches().close(this.watch);
			this.watch = null;
		}
		List.copyOf(this.polls).forEach((poll) -> poll.outcome().completeExceptionally(closedFailure()));
	}

	private static IllegalStateException closedFailure() {
		return new IllegalStateException(
				"The queue cannot be read, for the lock manager is closed: " + "is the application shutting down?");
	}

	/** Asks for those who wait, as far as there is something for them. */
	private void work() {
		if (this.closed || this.engine.clock().nanos() - this.courtesyUntil < 0) {
			return;
		}
		boolean read = false;
		for (Poll<I> poll : List.copyOf(this.polls)) {
			if (poll.over() || poll.asking()) {
				continue;
			}
			if (this.free.size() > this.choosing) {
				poll.asking(true);
				this.choosing++;
				this.lanes.send(new Claim(poll));
			}
			else if (poll.waits()) {
				continue;
			}
			else if (!this.kind.items().complete() || this.lastRead <= poll.readsBefore()) {
				read = true;
			}
			else if (nothingToCome()) {
				poll.give(List.of());
			}
		}
		if (read || toReadOn()) {
			read();
		}
	}

	/** Whether what is known is nearly used up. */
	private boolean toReadOn() {
		if (this.kind.areas().stream().anyMatch((area) -> !area.complete() && area.items().isEmpty())) {
			return revision() > 0 && this.reserved.isEmpty();
		}
		return revision() > 0 && !this.kind.items().complete() && this.free.size() <= this.readAgainAt
				&& (this.readAgainAt > 0 || this.reserved.isEmpty());
	}

	// What is known

	private void open() {
		if (this.watch == null) {
			this.watch = this.engine.watches().open(this.kind.begin(), this.kind.end(), true, 0, this);
		}
		else {
			this.engine.watches().askAgain(this.watch);
		}
	}

	@Override
	public void watching(long revision) {
		this.horizon.watching(revision);
		settle();
	}

	@Override
	public long resumeFrom() {
		return this.horizon.resumeFrom();
	}

	@Override
	public void refused(EtcdFailure failure) {
		List.copyOf(this.polls).forEach((poll) -> poll.outcome().completeExceptionally(failure.unanswered()));
	}

	/** What was seen is not what is there any more. */
	void storeWentBack() {
		this.horizon.storeWentBack();
	}

	private void settle() {
		if (this.horizon.gap()) {
			read();
		}
		else {
			this.kind.settled(this);
			work();
		}
	}

	@Override
	public void changed(List<Event> events) {
		if (this.horizon.reading()) {
			this.horizon.overtaken(events);
		}
		if (apply(events)) {
			trim();
			settle();
		}
	}

	private boolean apply(List<Event> events) {
		if (!this.horizon.follow(events)) {
			return false;
		}
		for (Event event : events) {
			if (event.getType() == Event.EventType.DELETE) {
				deleted(event.getKv().getKey());
			}
			else {
				put(event.getKv());
			}
		}
		return true;
	}

	/** Somebody of this process has put it, before the watch shows it. */
	void offered(KeyValue entry) {
		if (revision() > 0 && entry.getModRevision() > revision()) {
			put(entry);
			work();
		}
	}

	private void put(KeyValue entry) {
		for (Area area : this.kind.areas()) {
			if (area.has(entry.getKey())) {
				Item old = area.get(entry.getKey());
				if (old != null) {
					this.free.remove(old);
				}
				look((area == this.kind.items()) ? area.put(entry) : itemOf(area.put(entry)));
			}
		}
	}

	private @Nullable Item itemOf(@Nullable Item other) {
		return (other != null) ? this.kind.itemOf(other.key()) : null;
	}

	private void deleted(ByteString key) {
		for (Area area : this.kind.areas()) {
			Item old = area.has(key) ? area.remove(key) : null;
			if (old != null) {
				this.free.remove(old);
				look(itemOf(old));
			}
		}
	}

	/** Whether the item is free may have changed. */
	private void look(@Nullable Item item) {
		if (item == null) {
			return;
		}
		if (!this.reserved.contains(item.key()) && this.kind.free(item)) {
			this.free.add(item);
		}
		else {
			this.free.remove(item);
		}
	}

	/** A queue nobody empties does not fill this process. */
	private void trim() {
		int most = this.kind.items().limit() * 4;
		while (this.free.size() > most) {
			while (this.free.size() > most / 2) {
				this.kind.items().drop(this.free.pollLast());
			}
			this.readAgainAt = most / 8;
		}
	}

	private void read() {
		if (this.horizon.reading() || this.closed) {
			return;
		}
		this.horizon.beginRead();
		this.readAt = this.engine.clock().nanos();
		long number = ++this.readsBegun;
		TxnRequest.Builder request = TxnRequest.newBuilder();
		this.kind.areas().forEach((area) -> request.addSuccess(RequestOp.newBuilder().setRequestRange(area.request())));
		this.engine.store()
			.repeatTxn(request.build(), this.engine.store().deadline(),
					(response) -> this.engine.loop().run(() -> read(response, number)),
					(failure) -> this.engine.loop().run(() -> notRead(failure)));
	}

	private void read(TxnResponse response, long number) {
		this.lastRead = number;
		this.unanswered = false;
		long interval = Math.max(REREAD, (this.engine.clock().nanos() - this.readAt) * PART);
		this.rereadAfter = interval + ThreadLocalRandom.current().nextLong(interval / 4);
		List<Area> areas = this.kind.areas();
		for (int i = 0; i < areas.size(); i++) {
			areas.get(i).read(response.getResponses(i).getResponseRange());
		}
		this.goneMeanwhile.forEach(this::remove);
		this.goneMeanwhile.clear();
		this.horizon.read(response.getHeader().getRevision(), this::apply);
		this.free.clear();
		this.kind.items().items().forEach(this::look);
		this.readAgainAt = this.free.size() / 4;
		if (this.free.isEmpty() && this.reserved.isEmpty() && !this.kind.items().complete()) {
			this.kind.items().readMore();
		}
		settle();
	}

	/** Not what was put under its key since. */
	private void remove(Item item) {
		Item known = this.kind.items().get(item.key());
		if (known != null && known.sameAs(item)) {
			this.kind.items().remove(item.key());
		}
	}

	private void notRead(EtcdFailure failure) {
		this.unanswered = true;
		this.horizon.notRead();
		this.goneMeanwhile.clear();
		for (Poll<I> poll : List.copyOf(this.polls)) {
			if (!failure.passing() || (!poll.waits() && !poll.asking())) {
				poll.outcome().completeExceptionally(failure.unanswered());
			}
		}
		if (!this.polls.isEmpty()) {
			this.engine.later(this.engine.settings().requestTimeout().toNanos() / 4, this::settle);
		}
	}

	/** No claim is under way for them: they are free again, if they are there. */
	private void release(List<Item> items) {
		for (Item item : items) {
			this.reserved.remove(item.key());
			look(this.kind.items().get(item.key()));
		}
	}

	/** One consumer's attempt at the next items; others may be quicker. */
	private final class Claim implements Once {

		private @Nullable Poll<I> poll;

		private boolean chosen;

		private @Nullable Session session;

		/** For each item that is wanted: those it may be, the first that is there. */
		private List<List<Item>> chains = List.of();

		Claim(Poll<I> poll) {
			this.poll = poll;
		}

		@Override
		public @Nullable TxnRequest request(Session session) {
			if (!this.chosen) {
				this.chosen = true;
				Head.this.choosing--;
			}
			letGo();
			this.session = session;
			Poll<I> asker = this.poll;
			if (asker == null || asker.over() || Head.this.free.isEmpty()) {
				detach();
				Head.this.engine.loop().run(Head.this::work);
				return null;
			}
			choose(asker.most());
			return request();
		}

		private void choose(int most) {
			int wanted = Math.min(most, Head.this.free.size());
			int share = Head.this.free.size() / (wanted + Head.this.choosing);
			int depth = Math.max(1, Math.min(DEPTH, share));
			List<List<Item>> chosen = new ArrayList<>();
			for (int i = 0; i < wanted * depth; i++) {
				Item item = Head.this.free.pollFirst();
				Head.this.reserved.add(item.key());
				if (i < wanted) {
					chosen.add(new ArrayList<>());
				}
				chosen.get(i % wanted).add(item);
			}
			this.chains = chosen;
		}

		private TxnRequest request() {
			List<TxnRequest> requests = this.chains.stream().map(this::request).toList();
			if (requests.size() == 1) {
				return requests.get(0);
			}
			TxnRequest.Builder all = TxnRequest.newBuilder();
			requests.forEach((one) -> all.addSuccess(RequestOp.newBuilder().setRequestTxn(one)));
			return all.build();
		}

		/** The first of the chain, or else the next. */
		private TxnRequest request(List<Item> chain) {
			TxnRequest next = null;
			for (int i = chain.size() - 1; i >= 0; i--) {
				TxnRequest take = Head.this.kind.take(chain.get(i), this.session);
				next = (next == null) ? take
						: take.toBuilder().addFailure(RequestOp.newBuilder().setRequestTxn(next)).build();
			}
			return next;
		}

		@Override
		public void answered(TxnResponse response, long revision) {
			NavigableMap<Item, I> taken = new TreeMap<>(Item.ORDER);
			boolean success = false;
			for (int i = 0; i < this.chains.size(); i++) {
				TxnResponse one = (this.chains.size() == 1) ? response : response.getResponses(i).getResponseTxn();
				success |= taken(this.chains.get(i), one, revision, taken);
			}
			letGo();
			if (!taken.isEmpty()) {
				deliver(List.copyOf(taken.values()));
			}
			if (success) {
				Head.this.courtesy = COURTESY;
			}
			else if (Head.this.free.isEmpty()) {
				giveWay();
			}
			detach();
			work();
		}

		/** Whether one of the chain was there; those before it are not. */
		private boolean taken(List<Item> chain, TxnResponse response, long revision, Map<Item, I> taken) {
			TxnResponse answer = response;
			for (Item item : chain) {
				forget(item);
				if (answer.getSucceeded()) {
					I got = Head.this.kind.taken(item, answer, revision, this.session);
					if (got != null) {
						taken.put(item, got);
					}
					return true;
				}
				answer = (answer.getResponsesCount() > 0) ? answer.getResponses(0).getResponseTxn()
						: TxnResponse.getDefaultInstance();
			}
			return false;
		}

		private void forget(Item item) {
			remove(item);
			if (Head.this.horizon.reading()) {
				Head.this.goneMeanwhile.add(item);
			}
		}

		private void deliver(List<I> taken) {
			if (this.poll != null && this.poll.give(taken)) {
				return;
			}
			for (I item : taken) {
				boolean wanted = Head.this.polls.stream()
					.filter((other) -> !other.asking())
					.anyMatch((other) -> other.give(List.of(item)));
				if (!wanted) {
					Head.this.kind.giveBack(item);
				}
			}
		}

		/** Lets those who were quicker go on: soon the watch shows what they left. */
		private void giveWay() {
			long wait = ThreadLocalRandom.current().nextLong(Head.this.courtesy);
			Head.this.courtesy = Math.min(LONGEST_COURTESY, Head.this.courtesy * 2);
			Head.this.courtesyUntil = Head.this.engine.clock().nanos() + wait;
			Head.this.engine.later(wait, Head.this::work);
		}

		@Override
		public void failed(EtcdFailure failure) {
			if (!this.chosen) {
				this.chosen = true;
				Head.this.choosing--;
			}
			Poll<I> asker = this.poll;
			if (asker != null && (!asker.waits() || !failure.passing())) {
				asker.outcome().completeExceptionally(failure.unanswered());
			}
			detach();
		}

		@Override
		public void late(TxnResponse response, long revision) {
			answered(response, revision);
		}

		@Override
		public void never() {
			letGo();
			Head.this.engine.later(COURTESY, Head.this::work);
		}

		@Override
		public void unknown() {
			Session asked = this.session;
			for (List<Item> chain : this.chains) {
				if (asked != null && !asked.over() && Head.this.kind.claim(chain.get(0)) != null) {
					new Undoing(chain, asked).begin();
				}
				else {
					release(chain);
				}
			}
			this.chains = List.of();
			Head.this.engine.later(COURTESY, Head.this::work);
		}

		private void detach() {
			Poll<I> asker = this.poll;
			this.poll = null;
			if (asker != null) {
				asker.asking(false);
			}
		}

		/** What was reserved is free again, if it is there. */
		private void letGo() {
			this.chains.forEach(Head.this::release);
			this.chains = List.of();
		}

	}

	/**
	 * Items that may be ours without anybody's knowledge: until it is certain that they
	 * are not, nobody asks for them.
	 */
	private final class Undoing {

		private final List<Item> items;

		private final Session session;

		Undoing(List<Item> items, Session session) {
			this.items = items;
			this.session = session;
		}

		void begin() {
			TxnRequest.Builder claims = TxnRequest.newBuilder();
			this.items.forEach((item) -> claims.addSuccess(WorkKeys.get(Head.this.kind.claim(item))));
			send(claims.build(), this::end);
		}

		private void end(TxnResponse claims) {
			TxnRequest.Builder end = TxnRequest.newBuilder();
			claims.getResponsesList()
				.stream()
				.flatMap((claim) -> claim.getResponseRange().getKvsList().stream())
				.filter((claim) -> claim.getLease() == this.session.lease())
				.map((claim) -> TxnRequest.newBuilder()
					.addCompare(Slot.createdAt(claim.getKey(), claim.getCreateRevision()))
					.addSuccess(Slot.delete(claim.getKey())))
				.forEach((delete) -> end.addSuccess(RequestOp.newBuilder().setRequestTxn(delete)));
			send(end.build(), (answer) -> over());
		}

		/** Both may be carried out twice. */
		private void send(TxnRequest request, Consumer<TxnResponse> answered) {
			Engine engine = Head.this.engine;
			engine.store()
				.repeatTxn(request, engine.store().deadline(),
						(response) -> engine.loop().run(() -> answered.accept(response)),
						(failure) -> engine.loop().run(this::failed));
		}

		private void failed() {
			if (this.session.over()) {
				over();
			}
			else {
				Head.this.engine.later(Head.this.engine.settings().requestTimeout().toNanos() / 4, this::begin);
			}
		}

		private void over() {
			release(this.items);
			work();
		}

	}

}
