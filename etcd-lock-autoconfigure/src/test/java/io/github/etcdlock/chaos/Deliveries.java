package io.github.etcdlock.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.etcdlock.chaos.Event.Kind;
import io.github.etcdlock.chaos.Fault.Price;

/** Checks of the work queue that all workers share. */
final class Deliveries {

	private final Verdict verdict;

	private final History history;

	private final long ttl;

	private final Strikes strikes;

	Deliveries(Verdict verdict, History history, Strikes strikes, long ttl) {
		this.verdict = verdict;
		this.history = history;
		this.ttl = ttl;
		this.strikes = strikes;
	}

	void check() {
		Map<String, List<Delivery>> items = new TreeMap<>();
		Map<String, Delivery> received = new TreeMap<>();
		for (Event event : this.history.events()) {
			switch (event.kind()) {
				case OFFERED -> items.putIfAbsent(event.key(), new ArrayList<>());
				case RECEIVED -> {
					Delivery delivery = new Delivery(event);
					items.computeIfAbsent(event.key(), (item) -> new ArrayList<>()).add(delivery);
					received.put(event.key() + " " + event.token(), delivery);
				}
				case GIVING_BACK, ACKNOWLEDGING, ACKNOWLEDGED, TOO_LATE ->
					received.get(event.key() + " " + event.token()).add(event);
				default -> {
					// is no part of working on a queue
				}
			}
		}
		items.forEach((item, deliveries) -> {
			deliveries.sort(Comparator.comparing(Delivery::token));
			check(item, deliveries);
		});
	}

	private void check(String item, List<Delivery> deliveries) {
		Delivery last = deliveries.isEmpty() ? null : deliveries.get(deliveries.size() - 1);
		this.verdict.check(Invariant.NO_ITEM_IS_LOST, last != null && last.was(Kind.ACKNOWLEDGING),
				() -> item + " was received as " + deliveries);
		for (int i = 0; i < deliveries.size(); i++) {
			Delivery delivery = deliveries.get(i);
			if (delivery.was(Kind.ACKNOWLEDGED) || delivery.was(Kind.TOO_LATE)) {
				this.verdict.check(Invariant.ACKNOWLEDGED_IS_DONE, !delivery.was(Kind.ACKNOWLEDGED) || delivery == last,
						() -> item + " was acknowledged by " + delivery + ", and received as " + deliveries);
			}
			if (i > 0) {
				checkAgain(item, deliveries.get(i - 1), delivery);
			}
		}
	}

	private void checkAgain(String item, Delivery before, Delivery delivery) {
		long grace = this.strikes.grace(delivery.at(), item, before.received.worker());
		this.verdict.check(Invariant.ONE_CONSUMER, before.lastProven <= delivery.at() + grace,
				() -> item + " was held by " + before + " until " + before.lastProven + ", and by " + delivery);
		this.verdict.check(Invariant.NO_FALSE_REDELIVERY, before.was(Kind.GIVING_BACK) || broken(before, delivery),
				() -> item + " was received by " + before + " and again by " + delivery);
	}

	private boolean broken(Delivery before, Delivery delivery) {
		return this.strikes.all()
			.stream()
			.anyMatch((strike) -> strike.price() != Price.NOTHING && strike.hits(before.received.worker())
					&& strike.overlaps(before.at(), delivery.at(), this.ttl + Checker.SECOND));
	}

	/** One time that an item was received, with all that became of it. */
	private static final class Delivery {

		private final Event received;

		private final Set<Kind> fate = EnumSet.noneOf(Kind.class);

		private long lastProven = Long.MIN_VALUE;

		Delivery(Event received) {
			this.received = received;
			add(received);
		}

		void add(Event event) {
			this.fate.add(event.kind());
			if (event.proven()) {
				this.lastProven = Math.max(this.lastProven, event.at());
			}
		}

		boolean was(Kind kind) {
			return this.fate.contains(kind);
		}

		long token() {
			return this.received.token();
		}

		long at() {
			return this.received.at();
		}

		@Override
		public String toString() {
			return this.received.client() + " with token " + token() + " at " + at() + " " + this.fate;
		}

	}

}
