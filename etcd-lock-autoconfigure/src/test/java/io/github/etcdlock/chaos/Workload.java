package io.github.etcdlock.chaos;

/** What one thread of a worker does again and again. */
interface Workload {

	void step(Client client) throws InterruptedException;

	/**
	 * The workload of a thread.
	 * @param name its class
	 * @param thread which of the worker's threads with that workload, from 0
	 */
	static Workload of(String name, int thread) {
		return switch (name) {
			case "OneHotKey" -> new OneHotKey();
			case "FiftyKeys" -> new FiftyKeys();
			case "LongHolds" -> new LongHolds(thread);
			case "SeveralKeys" -> new SeveralKeys();
			case "ReadersAndWriters" -> new ReadersAndWriters();
			case "BankTransfers" -> new BankTransfers();
			case "GracefulShutdown" -> new GracefulShutdown();
			case "ReactiveHolders" -> new ReactiveHolders();
			case "ScheduledRuns" -> new ScheduledRuns();
			case "GuardedWrites" -> new GuardedWrites();
			case "Elections" -> new Elections();
			case "SharedPermits" -> new SharedPermits();
			case "QueuedWork" -> new QueuedWork();
			default -> throw new IllegalArgumentException("Unknown workload \"" + name + "\"");
		};
	}

}
