package io.github.etcdlock.benchmarks;

import java.io.File;
import java.net.InetSocketAddress;

import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/** A ZooKeeper that runs until its standard input ends. */
final class ZooKeeperMain {

	private static final int TICK_MILLIS = 2000;

	private static final int NO_LIMIT = 0;

	private ZooKeeperMain() {
	}

	public static void main(String[] arguments) {
		try {
			start(Integer.parseInt(arguments[0]), new File(arguments[1]));
			System.out.println(Worker.READY);
			while (System.in.read() >= 0) {
				// Nobody says anything; this waits for the end.
			}
		}
		catch (Exception | LinkageError ex) {
			System.out.println(JavaProcess.FAILED + ex);
		}
		// Its threads would go on.
		System.exit(0);
	}

	private static void start(int port, File folder) throws Exception {
		ServerCnxnFactory connections = ServerCnxnFactory.createFactory(new InetSocketAddress("127.0.0.1", port),
				NO_LIMIT);
		connections.startup(new ZooKeeperServer(folder, folder, TICK_MILLIS));
	}

}
