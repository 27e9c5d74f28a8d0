package io.github.etcdlock.sample;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link of one instance to one member of etcd: a TCP proxy on the loopback interface
 * that can be frozen. A frozen link stays open and lets nothing through; what it holds
 * back is delivered when it thaws, as a network does that was down for a while.
 */
final class Link implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Link.class);

	private static final int BUFFER_BYTES = 16 * 1024;

	private static final int CONNECT_TIMEOUT_MILLIS = 2000;

	private final ServerSocket listener;

	private final InetSocketAddress target;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private boolean frozen;

	Link(String host, int port) throws IOException {
		this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
		this.target = new InetSocketAddress(host, port);
		start("accept", this::accept);
	}

	String endpoint() {
		return "http://127.0.0.1:" + this.listener.getLocalPort();
	}

	synchronized void freeze(boolean frozen) {
		this.frozen = frozen;
		notifyAll();
	}

	private synchronized void awaitThaw() throws InterruptedException {
		while (this.frozen && !this.listener.isClosed()) {
			wait();
		}
	}

	private void accept() throws IOException {
		while (!this.listener.isClosed()) {
			Socket client = this.listener.accept();
			this.sockets.add(client);
			start("connect", () -> connect(client));
		}
	}

	private void connect(Socket client) throws IOException, InterruptedException {
		awaitThaw();
		Socket server = new Socket();
		this.sockets.add(server);
		try {
			server.connect(this.target, CONNECT_TIMEOUT_MILLIS);
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			start("answers", () -> pump(server, client));
			pump(client, server);
		}
		finally {
			end(client, server);
		}
	}

	private void pump(Socket from, Socket to) throws IOException, InterruptedException {
		try {
			InputStream input = from.getInputStream();
			OutputStream output = to.getOutputStream();
			byte[] buffer = new byte[BUFFER_BYTES];
			int length;
			while ((length = input.read(buffer)) > 0) {
				awaitThaw();
				output.write(buffer, 0, length);
			}
			awaitThaw();
		}
		finally {
			end(from, to);
		}
	}

	private void end(Socket one, Socket other) throws IOException {
		this.sockets.remove(one);
		this.sockets.remove(other);
		try (one; other) {
			logger.trace("A connection ended");
		}
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		freeze(false);
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

	private interface Task {

		void run() throws IOException, InterruptedException;

	}

	private static void start(String name, Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException | InterruptedException ex) {
				logger.debug("A link to etcd broke", ex);
			}
		}, "link " + name);
		thread.setDaemon(true);
		thread.start();
	}

}
