package io.github.etcdlock.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that locks: it obeys the lines it reads and answers each with one line, until
 * there are no more, as when the process that started it is gone.
 */
final class Worker {

	private static final Logger logger = LoggerFactory.getLogger(Worker.class);

	static final String READY = "ready";

	private static final int THREADS = 64;

	private final Load load;

	private final @Nullable Crowd crowd;

	private Worker(LockClient client, ExecutorService threads) {
		this.load = new Load(client, threads);
		this.crowd = (client instanceof AsyncLockClient async) ? new Crowd(async) : null;
	}

	public static void main(String[] arguments) {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try (LockClient client = Contestant.valueOf(arguments[0]).open(arguments[1])) {
			client.lock("connect-" + ProcessHandle.current().pid()).unlock();
			new Worker(client, threads).obey();
		}
		catch (Exception ex) {
			logger.error("Could not go on", ex);
			System.out.println(JavaProcess.FAILED + ex.getMessage());
		}
		// Not every client ends all of its threads.
		System.exit(0);
	}

	private void obey() throws Exception {
		BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		System.out.println(READY);
		for (String line = orders.readLine(); line != null; line = orders.readLine()) {
			try {
				System.out.println(answer(line.split(" ")));
			}
			catch (ExecutionException | RuntimeException ex) {
				logger.error("Could not {}", line, ex);
				System.out.println(JavaProcess.FAILED + ex.getMessage());
			}
		}
	}

	private String answer(String[] words) throws Exception {
		if (words[0].equals(LoadOrder.COMMAND)) {
			return this.load.run(LoadOrder.parse(words)).toLine();
		}
		if (this.crowd == null) {
			throw new IOException("This client has no asynchronous calls, so it cannot " + words[0]);
		}
		return this.crowd.obey(words);
	}

}
