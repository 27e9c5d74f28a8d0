package io.github.etcdlock.benchmarks;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

import com.sun.management.OperatingSystemMXBean;

/** Threads that lock and unlock, one pair after the other, until the window is over. */
final class Load {

	private final LockClient client;

	private final ExecutorService threads;

	private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

	private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();

	Load(LockClient client, ExecutorService threads) {
		this.client = client;
		this.threads = threads;
	}

	LoadResult run(LoadOrder order) throws Exception {
		TimeUnit.MILLISECONDS.sleep(Math.max(0, order.startAt() - System.currentTimeMillis()));
		long cpu = this.system.getProcessCpuTime();
		long compiled = this.compiler.getTotalCompilationTime();
		long start = System.nanoTime();
		List<Future<Loader>> running = new ArrayList<>();
		for (int i = 0; i < order.threads(); i++) {
			running.add(this.threads.submit(new Loader(order, order.key(i), start)));
		}
		List<Loader> loaders = new ArrayList<>();
		for (Future<Loader> future : running) {
			loaders.add(future.get());
		}
		return sum(loaders, this.system.getProcessCpuTime() - cpu, this.compiler.getTotalCompilationTime() - compiled);
	}

	private static LoadResult sum(List<Loader> loaders, long cpu, long compiled) {
		double[] pairs = loaders.stream()
			.flatMapToLong((loader) -> LongStream.of(loader.pairs.toArray()))
			.asDoubleStream()
			.toArray();
		long[] perSecond = new long[loaders.get(0).perSecond.length];
		loaders.forEach((loader) -> Arrays.setAll(perSecond, (i) -> perSecond[i] + loader.perSecond[i]));
		long finished = loaders.stream().mapToLong((loader) -> loader.finished).sum();
		long[] moments = loaders.stream().flatMapToLong((loader) -> LongStream.of(loader.moments.toArray())).toArray();
		return new LoadResult(finished, pairs.length, cpu, (long) Samples.percentile(pairs, 0.5),
				(long) Samples.percentile(pairs, 0.99), perSecond, compiled, moments);
	}

	/** One thread's part. */
	private final class Loader implements Callable<Loader> {

		private final LoadOrder order;

		private final String key;

		private final long start;

		private final Samples pairs = new Samples();

		private final Samples moments = new Samples();

		private final long[] perSecond;

		private long finished;

		Loader(LoadOrder order, String key, long start) {
			this.order = order;
			this.key = key;
			this.start = start;
			this.perSecond = new long[(int) Math.max(1, order.window().toSeconds())];
		}

		@Override
		public Loader call() throws Exception {
			long end = this.start + this.order.window().toNanos();
			long hold = this.order.hold().toNanos();
			long before = System.nanoTime();
			while (before < end) {
				LockClient.Held lock = Load.this.client.lock(this.key);
				long taken = System.nanoTime();
				hold(taken, hold);
				long releasing = System.nanoTime();
				lock.unlock();
				long after = System.nanoTime();
				record(taken - before + after - releasing, after, end);
				if (this.order.traced()) {
					this.moments.add(taken);
					this.moments.add(releasing);
				}
				before = after;
			}
			return this;
		}

		private void hold(long since, long nanos) {
			for (long left = nanos; left > 0; left = since + nanos - System.nanoTime()) {
				LockSupport.parkNanos(left);
			}
		}

		private void record(long nanos, long after, long end) {
			this.pairs.add(nanos);
			if (after <= end) {
				this.finished++;
				this.perSecond[Math.min(this.perSecond.length - 1, (int) ((after - this.start) / 1_000_000_000L))]++;
			}
		}

	}

}
