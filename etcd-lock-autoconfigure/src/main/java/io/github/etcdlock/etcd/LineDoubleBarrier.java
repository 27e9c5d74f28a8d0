package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.DoubleBarrier;
import org.jspecify.annotations.Nullable;

/**
 * A double barrier: each party has a key, bound to its session. Who completes a round
 * notes up to which create revision all may go, provided that they are all there.
 */
final class LineDoubleBarrier implements DoubleBarrier {

	/** Each is a comparison of one transaction, of which etcd allows 128. */
	private static final int MOST_PARTIES = 100;

	private final Engine engine;

	private final Claims claims;

	private final Waits waits;

	private final Claim claim;

	private final int parties;

	private final ByteString prefix;

	private final Sight sight;

	LineDoubleBarrier(Engine engine, Claims claims, Waits waits, String name, int parties) {
		RecipeName.checked("double barrier", name);
		if (parties < 1 || parties > MOST_PARTIES) {
			throw new IllegalArgumentException(
					"A double barrier has between 1 and " + MOST_PARTIES + " parties, but was to have " + parties);
		}
		this.engine = engine;
		this.claims = claims;
		this.waits = waits;
		this.parties = parties;
		this.claim = Claim.of(Claim.Kind.DOUBLE_BARRIER, name, Presence.THERE);
		this.prefix = Claim.Kind.DOUBLE_BARRIER.line(engine.keys(), name);
		this.sight = new Sight(engine, this.prefix);
	}

	@Override
	public Optional<Visit> enter(Duration wait) throws InterruptedException {
		Claims.checkWait(wait);
		LockHandle party = this.claims.acquire(this.claim, this.claims.patience(), "etcd did not answer in time");
		CompletableFuture<Round> together = new CompletableFuture<>();
		boolean entered = false;
		try {
			party.onLost(() -> together.complete(Round.NONE));
			gather(party.revision(), together);
			Optional<Round> round = this.waits.within(wait, "enter the " + this.claim.text(), together);
			entered = (round.isPresent() || !gaveUp(party)) && party.isHeld();
			return entered ? Optional.of(new Inside(party)) : Optional.empty();
		}
		finally {
			if (!entered) {
				party.close();
			}
		}
	}

	/**
	 * A party whose time is over may go all the same if the others were told that it is
	 * there.
	 */
	private boolean gaveUp(LockHandle party) {
		ByteString key = ByteString.copyFromUtf8(party.ownershipKeys().get(0));
		Round round = Round.NONE;
		while (!round.released(party.revision())) {
			CompletableFuture<TxnResponse> answer = new CompletableFuture<>();
			this.engine.store()
				.repeatTxn(round.giveUp(this.prefix, key), this.engine.store().deadline(), answer::complete,
						(failure) -> answer.completeExceptionally(failure.unanswered()));
			TxnResponse response = this.waits.answer("give up the " + this.claim.text(), answer);
			NavigableMap<ByteString, KeyValue> entries = Sight.entries(response.getResponsesList()
				.stream()
				.flatMap((each) -> each.getResponseRange().getKvsList().stream()));
			KeyValue mine = entries.get(key);
			if (response.getSucceeded() || mine == null || mine.getModRevision() > mine.getCreateRevision()) {
				return true;
			}
			round = Round.read(this.prefix, entries);
		}
		return false;
	}

	/**
	 * What a party sees: that it may go, or that it is the one who completes the round.
	 */
	private record View(Round round, @Nullable List<KeyValue> next) {
	}

	private void gather(long party, CompletableFuture<Round> together) {
		CompletableFuture<View> view = this.sight.until((entries) -> view(entries, party));
		together.whenComplete((round, failure) -> view.cancel(false));
		view.whenComplete((seen, failure) -> {
			if (failure != null) {
				together.completeExceptionally(failure);
			}
			else if (seen.next() == null) {
				together.complete(seen.round());
			}
			else {
				complete(seen.round(), seen.next(), party, together);
			}
		});
	}

	/** Only the last of those who make up a round completes it. */
	private @Nullable View view(NavigableMap<ByteString, KeyValue> entries, long party) {
		Round round = Round.read(this.prefix, entries);
		if (round.released(party)) {
			return new View(round, null);
		}
		List<KeyValue> next = round.next(this.prefix, entries, this.parties);
		return (next != null && next.get(next.size() - 1).getCreateRevision() == party) ? new View(round, next) : null;
	}

	/** Whether it was completed now, earlier, or not: the next look tells. */
	private void complete(Round round, List<KeyValue> next, long party, CompletableFuture<Round> together) {
		this.engine.store()
			.repeatTxn(round.complete(this.prefix, next), this.engine.store().deadline(),
					(response) -> gather(party, together),
					(failure) -> together.completeExceptionally(failure.unanswered()));
	}

	private final class Inside implements Visit {

		private final LockHandle party;

		Inside(LockHandle party) {
			this.party = party;
		}

		@Override
		public LockHandle handle() {
			return this.party;
		}

		@Override
		public boolean leave(Duration wait) throws InterruptedException {
			Claims.checkWait(wait);
			this.party.close();
			long revision = this.party.revision();
			LineDoubleBarrier all = LineDoubleBarrier.this;
			return all.sight.await(all.waits, wait, "leave the " + all.claim.text(),
					(entries) -> Round.read(all.prefix, entries).someoneInside(all.prefix, entries, revision) ? null
							: Boolean.TRUE)
				.isPresent();
		}

		@Override
		public void close() {
			this.party.close();
		}

	}

}
