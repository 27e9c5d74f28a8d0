package io.github.etcdlock.autoconfigure;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where others probably reach this machine. */
final class HostAddress {

	private static final Logger logger = LoggerFactory.getLogger(HostAddress.class);

	private HostAddress() {
	}

	/**
	 * An address of the first interface that has one for others, of version 4 if there
	 * is; else the loopback.
	 */
	static String find() {
		try {
			List<InetAddress> addresses = NetworkInterface.networkInterfaces()
				.filter(HostAddress::up)
				.sorted(Comparator.comparingInt(NetworkInterface::getIndex))
				.flatMap(NetworkInterface::inetAddresses)
				.filter((address) -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
				.sorted(Comparator.comparing((address) -> !(address instanceof Inet4Address)))
				.toList();
			if (!addresses.isEmpty()) {
				return text(addresses.get(0));
			}
		}
		catch (SocketException ex) {
			logger.debug("The network interfaces cannot be listed", ex);
		}
		return text(InetAddress.getLoopbackAddress());
	}

	private static boolean up(NetworkInterface network) {
		try {
			return network.isUp();
		}
		catch (SocketException ex) {
			return false;
		}
	}

	/** Without the name of the interface. */
	private static String text(InetAddress address) {
		return address.getHostAddress().replaceFirst("%.*", "");
	}

}
