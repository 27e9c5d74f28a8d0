package io.github.etcdlock.benchmarks;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.StreamObserver;

/**
 * The floor of a hand-over: one client deletes a key, another one sees that through a
 * watch it already has.
 */
final class DeleteWatch implements AutoCloseable {

	private static final long PATIENCE_SECONDS = 10;

	private final ByteString key;

	private final EtcdChannel writer;

	private final EtcdChannel watcher;

	private final BlockingQueue<Long> seen = new LinkedBlockingQueue<>();

	DeleteWatch(String address, String key) throws InterruptedException {
		this.key = EtcdChannel.bytes("/bench/watched/" + key);
		this.writer = new EtcdChannel(address);
		this.watcher = new EtcdChannel(address);
		StreamObserver<WatchRequest> requests = WatchGrpc.newStub(this.watcher.channel()).watch(new Arrivals());
		requests.onNext(WatchRequest.newBuilder()
			.setCreateRequest(
					WatchCreateRequest.newBuilder().setKey(this.key).addFilters(WatchCreateRequest.FilterType.NOPUT))
			.build());
		next();
	}

	private long next() throws InterruptedException {
		Long moment = this.seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
		if (moment == null) {
			throw new IllegalStateException("etcd told its watcher nothing");
		}
		return moment;
	}

	/** The times from sending each delete to its event. */
	double[] run(Duration window, Duration hold) throws Exception {
		Samples samples = new Samples();
		long end = System.nanoTime() + window.toNanos();
		while (System.nanoTime() < end) {
			this.writer.keys().put(EtcdChannel.put(this.key)).get();
			LockSupport.parkNanos(hold.toNanos());
			long start = System.nanoTime();
			this.writer.keys().deleteRange(EtcdChannel.delete(this.key)).get();
			samples.add(next() - start);
		}
		return LongStream.of(samples.toArray()).asDoubleStream().toArray();
	}

	@Override
	public void close() {
		this.writer.close();
		this.watcher.close();
	}

	/** Notes when the watch was there, and when each event was. */
	private final class Arrivals implements StreamObserver<WatchResponse> {

		@Override
		public void onNext(WatchResponse response) {
			long now = System.nanoTime();
			boolean deleted = response.getEventsList()
				.stream()
				.anyMatch((event) -> event.getType() == Event.EventType.DELETE);
			if (response.getCreated() || deleted) {
				DeleteWatch.this.seen.add(now);
			}
		}

		@Override
		public void onError(Throwable failure) {
			// Nothing more is seen, and whoever waits says so.
		}

		@Override
		public void onCompleted() {
			// As above.
		}

	}

}
