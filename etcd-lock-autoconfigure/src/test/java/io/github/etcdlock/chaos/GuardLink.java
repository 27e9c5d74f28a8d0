package io.github.etcdlock.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import io.github.etcdlock.chaos.Event.Kind;

/** A client's way to the guard. Anybody may tell; only one thread calls. */
final class GuardLink implements AutoCloseable {

	private final Socket socket;

	private final String client;

	GuardLink(int port, String client) {
		this.client = client;
		try {
			this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
			this.socket.setTcpNoDelay(true);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Who calls. */
	String client() {
		return this.client;
	}

	/** Notes what happened now, and what the lock says right after. */
	void tell(Kind kind, String key, Hold lock) {
		tell(Event.now(kind, this.client, key, lock));
	}

	/** Notes what happened now while there is no lock. */
	void tell(Kind kind, String key) {
		tell(Event.now(kind, this.client, key));
	}

	/**
	 * Uses the resource, without asking the lock first: the guard is what protects it.
	 */
	boolean call(String key, Hold lock) {
		tell(new Event(Kind.CALL, this.client, key, lock.token(), System.nanoTime(), false, lock.shared()));
		try {
			int answer = this.socket.getInputStream().read();
			if (answer < 0) {
				throw new IllegalStateException("The guard is gone");
			}
			return answer == 'y';
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	synchronized void tell(Event event) {
		try {
			this.socket.getOutputStream().write((event.line() + "\n").getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
