package io.github.etcdlock.test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A free port below those that outgoing connections get. A member that is down for a
 * while would otherwise find its port taken by a client that tries to reach it.
 */
final class LocalPort {

	private static final int LOWEST = 12_000;

	private static final int HIGHEST = 32_000;

	/**
	 * One after the other, so that none is given to two who have not bound it yet, and
	 * from anywhere, for other processes look for ports as well.
	 */
	private static final AtomicInteger next = new AtomicInteger(ThreadLocalRandom.current().nextInt(HIGHEST - LOWEST));

	private LocalPort() {
	}

	static int free() {
		while (true) {
			int port = LOWEST + Math.floorMod(next.getAndIncrement(), HIGHEST - LOWEST);
			try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				continue; // taken: try another
			}
		}
	}

}
