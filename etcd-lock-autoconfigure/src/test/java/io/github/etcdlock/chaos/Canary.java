package io.github.etcdlock.chaos;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.chaos.Fault.Harm;
import io.github.etcdlock.chaos.Fault.Price;
import io.grpc.StatusRuntimeException;

/**
 * Writes to etcd all the time, and notices what nobody has made: that etcd or the machine
 * stalls, and that another member leads. Both cost time for which no lock is to blame.
 */
final class Canary implements AutoCloseable {

	private static final Duration PERIOD = Duration.ofMillis(100);

	/** From one write to the answer to the next, when that has come in 300 ms. */
	private static final long IN_TIME = PERIOD.plusMillis(300).toNanos();

	private static final Duration PATIENCE = Duration.ofMillis(500);

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	private final List<Operator> members;

	private final History history;

	private final long ttl;

	private int member;

	private long term;

	/** When the last write that was answered began. */
	private volatile long last = System.nanoTime();

	Canary(List<String> endpoints, History history, Duration ttl) {
		this.members = endpoints.stream().map(Operator::new).toList();
		this.history = history;
		this.ttl = ttl.toNanos();
		this.timer.scheduleWithFixedDelay(this::look, 0, PERIOD.toNanos(), TimeUnit.NANOSECONDS);
	}

	/** Nothing went on: where that is long, sessions may have ended. */
	static Strike stall(long from, long to, long ttl) {
		Price price = (to - from > ttl / 2) ? Price.SESSION : Price.NOTHING;
		return new Strike("STALL", Harm.MACHINE, price, Fault.ETCD, from, to);
	}

	static Strike election(long from, long to) {
		return new Strike("ELECTION", Harm.LEADER, Price.NOTHING, Fault.ETCD, from, to);
	}

	/** Whether nothing was noticed since a moment, nor goes on now. */
	boolean calmSince(long time) {
		return System.nanoTime() - this.last <= IN_TIME
				&& this.history.noticed().stream().noneMatch((strike) -> strike.to() >= time);
	}

	private void look() {
		long begun = System.nanoTime();
		try {
			long now = this.members.get(this.member).write("/canary", PATIENCE);
			long answered = System.nanoTime();
			if (answered - this.last > IN_TIME) {
				this.history.noticed(stall(this.last, answered, this.ttl));
			}
			if (this.term > 0 && now > this.term) {
				this.history.noticed(election(this.last, answered));
			}
			this.term = Math.max(this.term, now);
			this.last = begun;
		}
		catch (StatusRuntimeException ex) {
			this.member = (this.member + 1) % this.members.size();
		}
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.members.forEach(Operator::close);
	}

}
