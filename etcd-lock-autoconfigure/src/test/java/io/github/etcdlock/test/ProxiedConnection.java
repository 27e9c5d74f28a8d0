package io.github.etcdlock.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import io.github.etcdlock.test.ProxyGate.Direction;

/**
 * One connection through a proxy. Each direction has a thread that receives and one that
 * delivers, so that a delay does not lower the throughput; the queue between them is
 * bounded, so that a frozen link fills up as a real one does.
 */
final class ProxiedConnection {

	private static final int CHUNK_BYTES = 16 * 1024;

	private static final int CHUNKS_QUEUED = 64;

	private static final int CONNECT_TIMEOUT_MILLIS = 2000;

	private record Chunk(long arrivalNanos, byte[] bytes) {

		boolean isEnd() {
			return this.bytes.length == 0;
		}

	}

	private interface Step {

		void run() throws IOException, InterruptedException;

	}

	private final Socket client;

	private final Socket server = new Socket();

	private final ProxyGate gate;

	private final Consumer<ProxiedConnection> onEnd;

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	ProxiedConnection(Socket client, ProxyGate gate, Consumer<ProxiedConnection> onEnd) {
		this.client = client;
		this.gate = gate;
		this.onEnd = onEnd;
	}

	void open(InetSocketAddress target) {
		start("connect", () -> {
			this.gate.pass(Direction.TO_SERVER, System.nanoTime());
			this.server.connect(target, CONNECT_TIMEOUT_MILLIS);
			this.client.setTcpNoDelay(true);
			this.server.setTcpNoDelay(true);
			pump(this.client, this.server, Direction.TO_SERVER);
			pump(this.server, this.client, Direction.TO_CLIENT);
		});
	}

	/** Ends both sides; each peer sees its connection reset, not closed. */
	void reset() {
		try {
			this.client.setSoLinger(true, 0);
			this.server.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			// already closed: there is nothing left to reset
		}
		close();
	}

	private void close() {
		try (this.client; this.server) {
			this.threads.forEach(Thread::interrupt);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.onEnd.accept(this);
		}
	}

	private void pump(Socket from, Socket to, Direction direction) {
		BlockingQueue<Chunk> queue = new LinkedBlockingQueue<>(CHUNKS_QUEUED);
		start("receive " + direction, () -> receive(from, queue));
		start("deliver " + direction, () -> deliver(queue, to, direction));
	}

	private void receive(Socket from, BlockingQueue<Chunk> queue) throws InterruptedException {
		try {
			InputStream input = from.getInputStream();
			byte[] buffer = new byte[CHUNK_BYTES];
			int length;
			while ((length = input.read(buffer)) > 0) {
				queue.put(new Chunk(System.nanoTime(), Arrays.copyOf(buffer, length)));
			}
		}
		catch (IOException ex) {
			// reset by the peer: the end has to wait at the gate like everything else
		}
		queue.put(new Chunk(System.nanoTime(), new byte[0]));
	}

	private void deliver(BlockingQueue<Chunk> queue, Socket to, Direction direction)
			throws IOException, InterruptedException {
		while (true) {
			Chunk chunk = queue.take();
			this.gate.pass(direction, chunk.arrivalNanos());
			if (chunk.isEnd()) {
				close();
				return;
			}
			to.getOutputStream().write(chunk.bytes());
		}
	}

	private void start(String name, Step step) {
		Thread thread = new Thread(() -> {
			try {
				step.run();
			}
			catch (IOException | InterruptedException ex) {
				reset();
			}
		}, "proxy " + name);
		thread.setDaemon(true);
		this.threads.add(thread);
		thread.start();
	}

}
