package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.Candidate;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.recipe.LeadershipListener;

/**
 * An election: a line whose first key names the leader. The layout is the one of Go's
 * {@code concurrency.Election} and {@code etcdctl elect}.
 */
final class LineElection implements LeaderElection {

	/** A leader may lead for years. */
	static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

	private final Engine engine;

	private final Claims claims;

	private final Candidates candidates;

	private final Waits waits;

	private final String name;

	LineElection(Engine engine, Claims claims, Candidates candidates, Waits waits, String name) {
		this.engine = engine;
		this.claims = claims;
		this.candidates = candidates;
		this.waits = waits;
		RecipeName.checked("election", name);
		this.name = name;
	}

	@Override
	public LockHandle campaign(String value) throws InterruptedException {
		return this.claims.acquire(claim(value), FOR_EVER, "the lock manager is shutting down");
	}

	@Override
	public Optional<LockHandle> tryCampaign(String value, Duration wait) throws InterruptedException {
		return this.claims.tryAcquire(claim(value), wait);
	}

	@Override
	public Candidate stand(String value, LeadershipListener listener) {
		if (listener == null) {
			throw new IllegalArgumentException("The listener of a candidate must not be null");
		}
		return this.candidates.stand(claim(value), listener);
	}

	private Claim claim(String value) {
		if (value == null) {
			throw new IllegalArgumentException(
					"The value of a candidate must not be null: it tells others who leads, the host's name for example");
		}
		return Claim.of(Claim.Kind.ELECTION, this.name, new Candidacy(ByteString.copyFromUtf8(value)));
	}

	private ByteString line() {
		return Claim.Kind.ELECTION.line(this.engine.keys(), this.name);
	}

	@Override
	public Optional<String> leader() {
		RangeRequest request = RangeRequest.newBuilder()
			.setKey(line())
			.setRangeEnd(KeySpace.end(line()))
			.setSortTarget(RangeRequest.SortTarget.CREATE)
			.setSortOrder(RangeRequest.SortOrder.ASCEND)
			.setLimit(1)
			.build();
		return this.waits
			.answer("ask for the leader of the election " + RecipeName.checked("election", this.name),
					this.engine.read(request))
			.getKvsList()
			.stream()
			.map((leader) -> leader.getValue().toStringUtf8())
			.findFirst();
	}

	@Override
	public AutoCloseable observe(Consumer<Optional<String>> onChange) {
		if (onChange == null) {
			throw new IllegalArgumentException("The consumer of leaders must not be null");
		}
		LeaderObserver observer = new LeaderObserver(this.engine, line(), this.name, onChange);
		observer.begin();
		return observer;
	}

}
