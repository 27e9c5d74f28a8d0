package io.github.etcdlock.embedded;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One etcd process with its ports and its data folder. */
final class EtcdServer {

	private static final Logger logger = LoggerFactory.getLogger(EtcdServer.class);

	private static final String HOST = "127.0.0.1";

	private static final int PROBE_TIMEOUT_MILLIS = 1000;

	private static final Duration PROBE_INTERVAL = Duration.ofMillis(20);

	private static final Duration STOP_GRACE = Duration.ofSeconds(5);

	private static final int LINES_SHOWN = 25;

	private final String endpoint;

	private final DataFolder folder;

	private final EtcdProcess process;

	private volatile boolean stopping;

	EtcdServer(Path binary, int port, DataFolder folder, List<String> arguments) throws IOException {
		this.endpoint = "http://" + HOST + ":" + ((port != 0) ? port : freePort());
		this.folder = folder;
		List<String> command = command(binary, "http://" + HOST + ":" + freePort());
		command.addAll(arguments);
		this.process = new EtcdProcess(command, folder.temporary() ? folder.path() : null);
	}

	String endpoint() {
		return this.endpoint;
	}

	DataFolder folder() {
		return this.folder;
	}

	EtcdProcess process() {
		return this.process;
	}

	void awaitReady(Duration timeout) throws InterruptedException {
		long start = System.nanoTime();
		while (!answers()) {
			if (this.process.awaitExit(PROBE_INTERVAL)) {
				throw new EmbeddedEtcdException("etcd ended while starting on " + this.endpoint + " with exit code "
						+ this.process.exitValue() + lastLines(), null);
			}
			if (System.nanoTime() - start > timeout.toNanos()) {
				throw new EmbeddedEtcdException("etcd did not answer on " + this.endpoint + " within "
						+ timeout.toMillis()
						+ " ms of its start; give it longer (EmbeddedEtcd.Builder.startTimeout) if this machine is slow"
						+ lastLines(), null);
			}
		}
		this.process.onExit(this::reportDeath);
	}

	/** Whether it ended because somebody else has one of its ports. */
	boolean lackedPort() {
		return !this.process.isAlive()
				&& this.process.lines().stream().anyMatch((line) -> line.contains("bind: address already in use"));
	}

	/**
	 * A store that will be kept is closed in order; one that will be deleted need not be.
	 */
	void stop() {
		this.stopping = true;
		this.process.stop(this.folder.temporary() ? Duration.ZERO : STOP_GRACE);
		this.folder.discard();
	}

	/**
	 * Asked before the start: the answer of a stranger on this port would pass for ours.
	 */
	static boolean isFree(int port) {
		try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(HOST))) {
			return socket.isBound();
		}
		catch (IOException ex) {
			logger.debug("Port {} is taken", port, ex);
			return false;
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
			return socket.getLocalPort();
		}
	}

	private List<String> command(Path binary, String peerUrl) {
		return new ArrayList<>(List.of(binary.toString(), "--name=embedded", "--data-dir=" + this.folder.path(),
				"--listen-client-urls=" + this.endpoint, "--advertise-client-urls=" + this.endpoint,
				"--listen-peer-urls=" + peerUrl, "--initial-advertise-peer-urls=" + peerUrl,
				"--initial-cluster=embedded=" + peerUrl));
	}

	private boolean answers() {
		try {
			URL url = new URL(this.endpoint + "/health");
			HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
			connection.setConnectTimeout(PROBE_TIMEOUT_MILLIS);
			connection.setReadTimeout(PROBE_TIMEOUT_MILLIS);
			try {
				return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
			}
			finally {
				connection.disconnect();
			}
		}
		catch (IOException ex) {
			logger.trace("etcd does not answer yet", ex);
			return false;
		}
	}

	private void reportDeath() {
		if (!this.stopping) {
			logger.error("The embedded etcd on {} ended by itself with exit code {}{}", this.endpoint,
					this.process.exitValue(), lastLines());
		}
	}

	private String lastLines() {
		List<String> lines = this.process.lines();
		if (lines.isEmpty()) {
			return "; it logged nothing";
		}
		String separator = System.lineSeparator() + "  ";
		return "; its last log lines:" + separator
				+ String.join(separator, lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
	}

}
