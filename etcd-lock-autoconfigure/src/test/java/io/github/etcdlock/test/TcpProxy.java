package io.github.etcdlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.test.ProxyGate.Direction;

/**
 * A link to a local server that can be frozen, delayed and cut. What a frozen link holds
 * back is delivered when it passes again, the end of a connection too: nothing is lost,
 * as with a real network that repeats what was not confirmed.
 */
public final class TcpProxy implements AutoCloseable {

	private final ServerSocket listener;

	private final InetSocketAddress target;

	private final ProxyGate gate = new ProxyGate();

	private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();

	private volatile boolean refusing;

	private TcpProxy(int port, int targetPort) throws IOException {
		this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
		this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
		Thread acceptor = new Thread(this::accept, "proxy " + port + " -> " + targetPort);
		acceptor.setDaemon(true);
		acceptor.start();
	}

	/**
	 * A link to a port of this machine.
	 * @param targetPort the server's port
	 * @return the proxy, which passes everything
	 */
	public static TcpProxy to(int targetPort) {
		try {
			return new TcpProxy(LocalPort.free(), targetPort);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A link to an endpoint of this machine.
	 * @param endpoint the endpoint, as in {@code http://127.0.0.1:2379}
	 * @return the proxy, which passes everything
	 */
	public static TcpProxy to(String endpoint) {
		return to(URI.create(endpoint).getPort());
	}

	/**
	 * Where clients reach the server through this link.
	 * @return {@code http://127.0.0.1:} and the port
	 */
	public String endpoint() {
		return "http://127.0.0.1:" + port();
	}

	/**
	 * The port of this link.
	 * @return the port
	 */
	public int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * How many connections are open.
	 * @return the number of connections
	 */
	public int connections() {
		return this.connections.size();
	}

	/** Ends freezing and refusing; a delay stays. */
	public void pass() {
		this.refusing = false;
		this.gate.shut();
	}

	/** Lets nothing through; connections stay open, and new ones open but stay silent. */
	public void freeze() {
		this.gate.shut(Direction.TO_SERVER, Direction.TO_CLIENT);
	}

	/** Lets answers through, but no requests. */
	public void freezeToServer() {
		this.gate.shut(Direction.TO_SERVER);
	}

	/** Lets requests through, but no answers. */
	public void freezeToClient() {
		this.gate.shut(Direction.TO_CLIENT);
	}

	/** Resets every connection, and each new one at once. */
	public void refuse() {
		this.refusing = true;
		resetAll();
	}

	/** Resets every connection; new ones are welcome. */
	public void resetAll() {
		this.connections.forEach(ProxiedConnection::reset);
	}

	/**
	 * Delivers everything later, in both directions.
	 * @param time how much later; zero for at once
	 */
	public void delay(Duration time) {
		this.gate.delay(time);
	}

	/** Resets every connection and stops to listen. */
	@Override
	public void close() {
		this.refusing = true;
		try {
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			resetAll();
		}
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				admit(this.listener.accept());
			}
			catch (IOException ex) {
				if (!this.listener.isClosed()) {
					throw new UncheckedIOException(ex);
				}
			}
		}
	}

	private void admit(Socket client) {
		ProxiedConnection connection = new ProxiedConnection(client, this.gate, this.connections::remove);
		this.connections.add(connection);
		if (this.refusing) {
			connection.reset();
		}
		else {
			connection.open(this.target);
		}
	}

}
