package io.github.etcdlock.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What etcd-lock shall reach.
 *
 * @param text in words
 * @param atLeast whether more is better
 * @param bound the bound
 * @param measure how it is measured
 */
record Goal(String text, boolean atLeast, double bound, ToDoubleFunction<Results> measure) {

	double measured(Results results) {
		return this.measure.applyAsDouble(results);
	}

	boolean isMet(double measured) {
		return this.atLeast ? measured >= this.bound : measured <= this.bound;
	}

	static List<Goal> all() {
		return Stream.concat(ofWorks().stream(), ofFigures().stream()).toList();
	}

	private static List<Goal> ofWorks() {
		return List.of(times(Work.ONE_THREAD, Metric.P50, 1.1, Contestant.RAW_STUBS),
				own(Work.ONE_THREAD, Metric.REQUESTS, false, 2.05),
				times(Work.EIGHT_THREADS, Metric.RATE, 1.5, Contestant.RAW_KV),
				times(Work.SIXTY_FOUR_THREADS, Metric.RATE, 2.5, Contestant.RAW_KV),
				times(Work.SIXTY_FOUR_THREADS, Metric.RATE, 4, Contestant.JETCD_LOCK),
				times(Work.SIXTY_FOUR_THREADS, Metric.RATE, 1.5, Contestant.REDISSON_ALWAYS),
				times(Work.SIXTY_FOUR_THREADS, Metric.CLIENT_CPU, 0.25, Contestant.JETCD_LOCK),
				own(Work.SIXTY_FOUR_THREADS, Metric.CLIENT_CPU, false, 60),
				times(Work.ONE_KEY_EIGHT, Metric.RATE, 200, Contestant.JETCD_LOCK),
				times(Work.ONE_KEY_SIXTY_FOUR, Metric.RATE, 35, Contestant.JETCD_LOCK),
				times(Work.ONE_KEY_EIGHT, Metric.RATE, 3, Contestant.SPRING_REDIS),
				times(Work.ONE_KEY_SIXTY_FOUR, Metric.RATE, 3, Contestant.SPRING_REDIS), writes(Work.ONE_KEY_EIGHT),
				writes(Work.ONE_KEY_SIXTY_FOUR), times(Work.FOUR_PROCESSES, Metric.RATE, 30, Contestant.JETCD_LOCK),
				own(Work.FOUR_PROCESSES, Metric.LEAST_SHARE, true, 0.5),
				new Goal(title(Work.HANDOVER) + "median, jetcd Lock service's is >= 60 x as long", true, 60,
						(results) -> results.ratio(Work.HANDOVER, Metric.P50, Contestant.JETCD_LOCK,
								Contestant.ETCD_LOCK)),
				times(Work.HANDOVER, Metric.P50, 1.6, Contestant.RAW_WATCH),
				own(Work.HANDOVER, Metric.P99, false, 10_000));
	}

	private static List<Goal> ofFigures() {
		String calls = InProcess.WORK;
		return List.of(figure(Crowds.WAITING, Crowds.HEAP, 2048), figure(Crowds.WAITING, Crowds.STREAMS, 1),
				figure(Crowds.WAITING, Crowds.ADMITTED, 3000), figure(Crowds.HELD, Crowds.HEAP, 1024),
				figure(Crowds.HELD, Crowds.REQUESTS, 0.1),
				quotient(Crowds.DRAINED + ": etcd-lock <= 1 x jetcd Lock service (Go's Mutex in the server)", 1,
						(results) -> results.figure(Crowds.DRAINED, Crowds.drain(Contestant.ETCD_LOCK, 2)),
						(results) -> results.figure(Crowds.DRAINED, Crowds.drain(Contestant.JETCD_LOCK, 2))),
				figure(calls, "joinedExecute", 200),
				new Goal(calls + ": joinedAnnotatedCall over joinedExecute <= 1,000 ns", false, 1000,
						(results) -> results.figure(calls, "joinedAnnotatedCall")
								- results.figure(calls, "joinedExecute")),
				figure(StartUp.WORK, StartUp.ADDED, 150),
				quotient("bytes of a release with 1,000 processes in line <= 1.1 x with 10", 1.1,
						(results) -> results.figure(Growth.release(1000, true), Growth.BYTES),
						(results) -> results.figure(Growth.release(10, true), Growth.BYTES)),
				quotient("lock + unlock beside 100,000 locks, over raw <= 1.2 x beside 1", 1.2,
						(results) -> results.figure(Growth.beside(100_000), Growth.MULTIPLE),
						(results) -> results.figure(Growth.beside(1), Growth.MULTIPLE)),
				quotient("lock + unlock of a lock taken 10,000 times before, over raw <= 1.2 x of a fresh one", 1.2,
						(results) -> results.figure(Growth.again(Growth.TAKES), Growth.MULTIPLE),
						(results) -> results.figure(Growth.again(0), Growth.MULTIPLE)));
	}

	private static Goal figure(String work, String what, double bound) {
		return new Goal(work + ": " + what + " <= " + bound, false, bound, (results) -> results.figure(work, what));
	}

	private static Goal quotient(String text, double bound, ToDoubleFunction<Results> ours,
			ToDoubleFunction<Results> theirs) {
		return new Goal(text, false, bound, (results) -> ours.applyAsDouble(results) / theirs.applyAsDouble(results));
	}

	private static String title(Work work) {
		return work.title() + ": ";
	}

	private static Goal times(Work work, Metric metric, double bound, Contestant reference) {
		boolean more = metric == Metric.RATE;
		return new Goal(title(work) + metric + (more ? " >= " : " <= ") + bound + " x " + reference.title(), more,
				bound, (results) -> results.ratio(work, metric, Contestant.ETCD_LOCK, reference));
	}

	private static Goal writes(Work work) {
		return new Goal(title(work) + "with turn-limit 0, RATE >= 0.9 x " + Contestant.RAW_SINGLE.title(), true, 0.9,
				(results) -> results.ratio(work, Metric.RATE, Contestant.ETCD_LOCK_WRITES, Contestant.RAW_SINGLE));
	}

	private static Goal own(Work work, Metric metric, boolean atLeast, double bound) {
		return new Goal(title(work) + metric + (atLeast ? " >= " : " <= ") + bound + " " + metric.unit(), atLeast,
				bound, (results) -> results.median(work, Contestant.ETCD_LOCK, metric));
	}

}
