package io.github.etcdlock.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.StreamObserver;

/**
 * What may grow: a release with the length of the line, an acquire with the number of
 * locks, or with how often the same lock was taken before.
 */
final class Growth {

	static final String BYTES = "bytes to etcd";

	static final String MULTIPLE = "median as a multiple of a raw put + delete";

	private static final int REPEATS = 10;

	private static final int OPERATIONS = 100;

	/** How often a lock was taken before, at the most. */
	static final int TAKES = 10_000;

	/** With so many ahead a process watches one key, half as far ahead of it. */
	private static final int LONG = 128;

	private static final long PATIENCE_SECONDS = 60;

	private final Field field;

	private final EtcdServer server;

	private final Results results;

	private int lines;

	Growth(Field field, Results results) {
		this.field = field;
		this.server = (EtcdServer) field.server(ServerKind.ETCD);
		this.results = results;
	}

	void run() throws Exception {
		try (EtcdChannel etcd = new EtcdChannel(this.server.address());
				JavaProcess holder = this.field.worker(Contestant.ETCD_LOCK)) {
			release(etcd, holder, 10, true, false);
			for (int waiting : new int[] { 10, 100, 1000 }) {
				release(etcd, holder, waiting, true, true);
				release(etcd, holder, waiting, false, true);
			}
		}
		for (int others : new int[] { 1, 1_000, 100_000 }) {
			acquire(others);
		}
		again();
	}

	/**
	 * A release while other processes have keys in the line, each with a watch of its
	 * own: on the whole line, or on what a process of etcd-lock watches in its place.
	 */
	private void release(EtcdChannel etcd, JavaProcess holder, int waiting, boolean wholeLine, boolean counted)
			throws Exception {
		double[][] samples = new double[5][REPEATS];
		for (int i = 0; i < REPEATS; i++) {
			String name = "line-" + this.lines++;
			holder.ask("take 1 =" + name, "took");
			String line = EtcdLockClient.PREFIX + "/" + name + "/";
			List<ByteString> keys = new ArrayList<>();
			for (int number = 0; number < waiting; number++) {
				keys.add(EtcdChannel.bytes(line + String.format("zz-%05d", number)));
			}
			put(etcd, keys);
			try (Waiters waiters = new Waiters(etcd, line, keys, wholeLine)) {
				waiters.awaitCreated();
				Map<String, Double> before = this.server.counters();
				Duration cpu = this.server.cpu();
				long start = System.nanoTime();
				holder.ask("release", "released");
				waiters.awaitEvents();
				samples[0][i] = (System.nanoTime() - start) / 1000.0;
				samples[1][i] = this.server.cpu().minus(cpu).toNanos() / 1000.0;
				Map<String, Double> after = this.server.counters();
				samples[2][i] = change(before, after, "grpc_server_msg_received_total");
				samples[3][i] = change(before, after, "etcd_network_client_grpc_received_bytes_total");
				samples[4][i] = change(before, after, "etcd_network_client_grpc_sent_bytes_total");
			}
			etcd.deleteAll(line);
		}
		if (counted) {
			report(release(waiting, wholeLine), samples);
		}
	}

	static String release(int waiting, boolean wholeLine) {
		return "release, " + waiting + " processes wait, each watches " + (wholeLine ? "the line" : "what it must");
	}

	static String beside(int others) {
		return "lock + unlock beside " + others + " other locks";
	}

	static String again(int takes) {
		return "lock + unlock of a lock that was taken " + takes + " times before";
	}

	/** Medians: a renewal that falls into one of the times is not a part of a release. */
	private void report(String work, double[][] samples) {
		figure(work, "until the last one knows", samples[0], "us");
		// The kernel counts it in steps larger than that, so only the sum says something.
		this.results.add(new Figure(work, "CPU of etcd, with two reads of its counters",
				Arrays.stream(samples[1]).average().orElseThrow(), "us"));
		figure(work, "requests to etcd", samples[2], "");
		figure(work, BYTES, samples[3], "bytes");
		figure(work, "bytes from etcd, events among them", samples[4], "bytes");
	}

	private void figure(String work, String what, double[] samples, String unit) {
		this.results.add(new Figure(work, what, Samples.median(samples), unit));
	}

	private static double change(Map<String, Double> before, Map<String, Double> after, String name) {
		return after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
	}

	private static void put(EtcdChannel etcd, List<ByteString> keys) throws Exception {
		for (int from = 0; from < keys.size(); from += OPERATIONS) {
			TxnRequest.Builder puts = TxnRequest.newBuilder();
			keys.subList(from, Math.min(keys.size(), from + OPERATIONS))
				.forEach((key) -> puts.addSuccess(RequestOp.newBuilder().setRequestPut(EtcdChannel.put(key))));
			etcd.keys().txn(puts.build()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		}
	}

	/** Lock and unlock while so many others are held, beside a put and a delete. */
	private void acquire(int others) throws Exception {
		try (EtcdChannel etcd = new EtcdChannel(this.server.address())) {
			List<ByteString> keys = new ArrayList<>();
			for (int number = 0; number < others; number++) {
				keys.add(EtcdChannel.bytes(EtcdLockClient.PREFIX + "/other-" + number + "/held"));
			}
			put(etcd, keys);
			Results pairs = new Results();
			new Race(this.field, Work.ONE_THREAD, Duration.ofMillis(300), Duration.ofSeconds(2))
				.run(List.of(Contestant.ETCD_LOCK, Contestant.RAW_STUBS), 5, pairs);
			String work = beside(others);
			this.results
				.add(new Figure(work, "median", pairs.median(Work.ONE_THREAD, Contestant.ETCD_LOCK, Metric.P50), "us"));
			this.results.add(new Figure(work, MULTIPLE,
					pairs.ratio(Work.ONE_THREAD, Metric.P50, Contestant.ETCD_LOCK, Contestant.RAW_STUBS), "x"));
			etcd.deleteAll(EtcdLockClient.PREFIX + "/other-");
		}
	}

	/** The same lock over and over, without a compaction in between, beside raw pairs. */
	private void again() throws Exception {
		try (LockClient locks = Contestant.ETCD_LOCK.open(this.server.address());
				LockClient raw = Contestant.RAW_STUBS.open(this.server.address())) {
			pairs(locks, "again-warm-up", TAKES / 4);
			pairs(raw, "again-warm-up", TAKES / 4);
			for (int takes : new int[] { 0, TAKES }) {
				pairs(locks, "again", takes);
				double[] ours = pairs(locks, "again", OPERATIONS * 4);
				double[] floor = pairs(raw, "again-raw", OPERATIONS * 4);
				figure(again(takes), "median", ours, "us");
				this.results.add(new Figure(again(takes), MULTIPLE, Samples.median(ours) / Samples.median(floor), "x"));
			}
		}
	}

	private static double[] pairs(LockClient client, String key, int many) throws Exception {
		double[] micros = new double[many];
		for (int i = 0; i < many; i++) {
			long start = System.nanoTime();
			client.lock(key).unlock();
			micros[i] = (System.nanoTime() - start) / 1000.0;
		}
		return micros;
	}

	/** Other processes in a line, each with its own watch stream. */
	private static final class Waiters implements AutoCloseable {

		private final CountDownLatch created;

		private final CountDownLatch events;

		private final List<StreamObserver<WatchRequest>> streams = new ArrayList<>();

		Waiters(EtcdChannel etcd, String line, List<ByteString> keys, boolean wholeLine) {
			this.created = new CountDownLatch(keys.size());
			this.events = new CountDownLatch(wholeLine ? keys.size() : Math.min(keys.size(), LONG - 1));
			ByteString end = EtcdChannel.bytes(line.substring(0, line.length() - 1) + "0");
			for (int i = 0; i < keys.size(); i++) {
				WatchCreateRequest.Builder watch = WatchCreateRequest.newBuilder()
					.addFilters(WatchCreateRequest.FilterType.NOPUT);
				// With the holder's there are one more ahead than i.
				if (wholeLine || i + 1 < LONG) {
					watch.setKey(EtcdChannel.bytes(line)).setRangeEnd(end);
				}
				else {
					watch.setKey(keys.get(i - 1 - LONG / 2));
				}
				StreamObserver<WatchRequest> stream = WatchGrpc.newStub(etcd.channel()).watch(new Arrivals());
				stream.onNext(WatchRequest.newBuilder().setCreateRequest(watch).build());
				this.streams.add(stream);
			}
		}

		void awaitCreated() throws InterruptedException {
			await(this.created);
		}

		void awaitEvents() throws InterruptedException {
			await(this.events);
		}

		private static void await(CountDownLatch latch) throws InterruptedException {
			if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException("etcd told " + latch.getCount() + " watchers nothing");
			}
		}

		@Override
		public void close() {
			this.streams.forEach(StreamObserver::onCompleted);
		}

		private final class Arrivals implements StreamObserver<WatchResponse> {

			@Override
			public void onNext(WatchResponse response) {
				if (response.getCreated()) {
					Waiters.this.created.countDown();
				}
				if (response.getEventsList().stream().anyMatch((event) -> event.getType() == Event.EventType.DELETE)) {
					Waiters.this.events.countDown();
				}
			}

			@Override
			public void onError(Throwable failure) {
				// Nothing more is counted, and whoever waits says so.
			}

			@Override
			public void onCompleted() {
				// As above.
			}

		}

	}

}
