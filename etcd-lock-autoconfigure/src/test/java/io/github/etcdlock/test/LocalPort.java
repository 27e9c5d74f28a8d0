package io.github.etcdlock.test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A free port below those that outgoing connections get. A member that is down for a
 * while would otherwise find its port taken by a client that tries to reach it.
 */
final class LocalPort {

	private static final int LOWEST = 12_000;

	private static final int HIGHEST = 32_000;

	private LocalPort() {
	}

	static int free() {
		while (true) {
			int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
			try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				continue; // taken: try another
			}
		}
	}

}
