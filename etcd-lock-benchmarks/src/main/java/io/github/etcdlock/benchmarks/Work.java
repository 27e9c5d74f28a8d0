package io.github.etcdlock.benchmarks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The work that contestants are compared at. */
enum Work {

	ONE_THREAD("lock + unlock, 1 thread, own key", 1, 1, false),

	EIGHT_THREADS("8 threads, own keys", 1, 8, false),

	SIXTY_FOUR_THREADS("64 threads, own keys", 1, 64, false),

	ONE_KEY_EIGHT("one key, 8 threads of one process", 1, 8, true),

	ONE_KEY_SIXTY_FOUR("one key, 64 threads of one process", 1, 64, true),

	FOUR_PROCESSES("one key, 4 processes x 4 threads", 4, 4, true),

	HANDOVER("handover between two processes, a third one writes", 2, 1, true),

	QUEUE_ONE_THREAD("queue: offer + take, 1 thread", 1, 1, true),

	QUEUE_EIGHT_THREADS("one queue, 8 threads of one process", 1, 8, true),

	QUEUE_TWO_PROCESSES("one queue, 2 processes x 8 threads", 2, 8, true);

	private final String title;

	private final int processes;

	private final int threads;

	private final boolean oneKey;

	Work(String title, int processes, int threads, boolean oneKey) {
		this.title = title;
		this.processes = processes;
		this.threads = threads;
		this.oneKey = oneKey;
	}

	/**
	 * One process before several, and most threads first: what is compiled then is
	 * compiled for those with fewer, who would take longer to get there.
	 */
	static List<Work> busiestFirst() {
		return Arrays.stream(values())
			.sorted(Comparator.comparingInt(Work::processes).thenComparing(Work::threads, Comparator.reverseOrder()))
			.toList();
	}

	String title() {
		return this.title;
	}

	int processes() {
		return this.processes;
	}

	int threads() {
		return this.threads;
	}

	boolean oneKey() {
		return this.oneKey;
	}

	/** Whether its pairs are items that are offered and taken. */
	boolean isOfQueues() {
		return this == QUEUE_ONE_THREAD || this == QUEUE_EIGHT_THREADS || this == QUEUE_TWO_PROCESSES;
	}

	/** Who the others are compared with. */
	Contestant ours() {
		return isOfQueues() ? Contestant.ETCD_QUEUE : Contestant.ETCD_LOCK;
	}

	List<Contestant> contestants() {
		return Arrays.stream(Contestant.values()).filter((one) -> one.takesPartIn(this)).toList();
	}

}
