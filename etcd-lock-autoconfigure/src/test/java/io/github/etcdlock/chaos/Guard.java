package io.github.etcdlock.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

import io.github.etcdlock.chaos.Event.Kind;

/**
 * The resource that locks protect: it accepts a call only with a token at least as high
 * as the highest it has seen. It serialises all calls, so its order is the order in which
 * they took effect. Over the same lines clients tell it what goes into the history.
 */
final class Guard implements AutoCloseable {

	private final ServerSocket listener;

	private final History history;

	private final boolean fencing;

	private final Fence fence = new Fence();

	Guard(History history, boolean fencing) {
		this.history = history;
		this.fencing = fencing;
		try {
			this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		start("guard", this::accept);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/** Decides on a call and notes the decision, in one step. */
	synchronized boolean admit(Event call) {
		boolean accepted = this.fence.admits(call) || !this.fencing;
		if (accepted) {
			this.fence.accepted(call);
		}
		this.history.add(call.as(accepted ? Kind.ACCEPTED : Kind.REFUSED));
		return accepted;
	}

	@Override
	public void close() {
		try {
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void accept() throws IOException {
		while (true) {
			Socket client = this.listener.accept();
			start("guard of " + client.getPort(), () -> serve(client));
		}
	}

	private void serve(Socket client) throws IOException {
		try (client) {
			client.setTcpNoDelay(true);
			BufferedReader lines = new BufferedReader(
					new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
			String line;
			while ((line = lines.readLine()) != null) {
				Event event = Event.parse(line);
				if (event.kind() == Kind.CALL) {
					client.getOutputStream().write(admit(event) ? 'y' : 'n');
				}
				else {
					this.history.add(event);
				}
			}
		}
	}

	private interface Task {

		void run() throws IOException;

	}

	private static void start(String name, Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (SocketException ex) {
				// the client was killed, or the guard was closed
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}, name);
		thread.setDaemon(true);
		thread.start();
	}

}
