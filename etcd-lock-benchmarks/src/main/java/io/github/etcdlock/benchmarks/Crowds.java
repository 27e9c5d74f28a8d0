package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;

/** Thousands of waiters, and thousands of locks that are held. */
final class Crowds {

	static final String HELD = "10,000 held locks of one process";

	static final String WAITING = "10,000 waiters of one process, one on each of 10,000 keys";

	static final String DRAINED = "1,000 waiters of one key, drained";

	static final String HEAP = "heap for each";

	static final String REQUESTS = "requests to etcd";

	static final String STREAMS = "watch streams more than without";

	static final String ADMITTED = "from a mass release to the last admission";

	private static final int LARGE = 10_000;

	private static final int SMALL = 1_000;

	private final Field field;

	/** How long nothing is done before requests are counted, and for how long then. */
	private final Duration quiet;

	private final Duration counted;

	private final EtcdServer etcd;

	private final Results results;

	Crowds(Field field, Results results, Duration window) {
		this.field = field;
		this.quiet = window.multipliedBy(135);
		this.counted = window.multipliedBy(60);
		this.etcd = (EtcdServer) field.server(ServerKind.ETCD);
		this.results = results;
	}

	void run() throws Exception {
		manyWaiters();
		drain(Contestant.ETCD_LOCK);
		drain(Contestant.JETCD_LOCK);
	}

	/** One process holds ten thousand locks, another one waits for all of them. */
	private void manyWaiters() throws Exception {
		try (JavaProcess holder = this.field.worker(Contestant.ETCD_LOCK)) {
			holder.ask("take 100 warm-up", "took");
			holder.ask("release", "released");
			held(holder);
			try (JavaProcess waiter = this.field.worker(Contestant.ETCD_LOCK)) {
				warmUp(waiter);
				waiting(holder, waiter);
			}
		}
	}

	private void warmUp(JavaProcess waiter) throws IOException {
		try (JavaProcess holder = this.field.worker(Contestant.ETCD_LOCK)) {
			holder.ask("take 100 warm-up", "took");
			waiter.ask("queue 100 warm-up", "queued");
			holder.ask("release", "released");
			waiter.ask("await", "admitted");
			waiter.ask("release", "released");
		}
	}

	private void held(JavaProcess holder) throws InterruptedException {
		long[] before = memory(holder);
		holder.ask("take " + LARGE + " mass", "took");
		// Watched by now, as what is held for long is.
		Thread.sleep(2000);
		this.results.add(new Figure(HELD, HEAP, perLock(before, memory(holder)), "bytes"));
		Thread.sleep(this.quiet.toMillis());
		this.results.add(new Figure(HELD, REQUESTS, requestsWithin(this.counted), "1/s"));
	}

	/** Waits for nothing: what is counted is what happens in a while without work. */
	private double requestsWithin(Duration time) throws InterruptedException {
		long before = this.etcd.requests();
		Thread.sleep(time.toMillis());
		return (this.etcd.requests() - before) / (time.toMillis() / 1e3);
	}

	private void waiting(JavaProcess holder, JavaProcess waiter) throws Exception {
		long[] before = memory(waiter);
		Map<String, Double> counters = this.etcd.counters();
		waiter.ask("queue " + LARGE + " mass", "queued");
		awaitKeys();
		long[] after = memory(waiter);
		this.results.add(new Figure(WAITING, HEAP, perLock(before, after), "bytes"));
		this.results.add(new Figure(WAITING, "threads more than without", after[1] - before[1], ""));
		this.results.add(new Figure(WAITING, STREAMS, change(counters, "etcd_debugging_mvcc_watch_stream_total"), ""));
		this.results.add(new Figure(WAITING, REQUESTS, requestsWithin(this.counted.dividedBy(3)), "1/s"));
		long start = Long.parseLong(holder.ask("release", "released"));
		long end = Long.parseLong(waiter.ask("await", "admitted"));
		this.results.add(new Figure(WAITING, ADMITTED, (end - start) / 1e6, "ms"));
		waiter.ask("release", "released");
	}

	private double change(Map<String, Double> before, String name) {
		return this.etcd.counters().getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
	}

	private static long[] memory(JavaProcess process) {
		String[] words = process.ask("memory", "memory").split(" ");
		return new long[] { Long.parseLong(words[0]), Long.parseLong(words[1]) };
	}

	private static double perLock(long[] before, long[] after) {
		return (after[0] - before[0]) / (double) LARGE;
	}

	static String drain(Contestant contestant, int run) {
		return contestant.title() + ", run " + run;
	}

	/** A thousand waiters of one key, each of which passes the lock on at once. */
	private void drain(Contestant contestant) throws IOException, InterruptedException {
		try (JavaProcess holder = this.field.worker(contestant); JavaProcess waiter = this.field.worker(contestant)) {
			for (int run = 0; run < 3; run++) {
				holder.ask("take 1 =drain", "took");
				waiter.ask("pass " + SMALL + " =drain", "queued");
				awaitKeys();
				long start = Long.parseLong(holder.ask("release", "released"));
				long end = Long.parseLong(waiter.ask("await", "admitted"));
				if (run > 0) {
					this.results.add(new Figure(DRAINED, drain(contestant, run), (end - start) / 1e6, "ms"));
				}
			}
		}
	}

	/** Until nobody enters a line any more. */
	private void awaitKeys() throws IOException, InterruptedException {
		try (EtcdChannel channel = new EtcdChannel(this.etcd.address())) {
			long last = -1;
			for (long now = keys(channel); now != last; now = keys(channel)) {
				last = now;
				Thread.sleep(1000);
			}
		}
	}

	private static long keys(EtcdChannel channel) {
		ByteString everything = ByteString.copyFrom(new byte[1]);
		try {
			return channel.keys()
				.range(RangeRequest.newBuilder().setKey(everything).setRangeEnd(everything).setCountOnly(true).build())
				.get()
				.getCount();
		}
		catch (Exception ex) {
			throw new IllegalStateException("etcd did not say how many keys it has", ex);
		}
	}

}
