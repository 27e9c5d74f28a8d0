package io.github.etcdlock.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One real etcd process on the loopback interface, for development and tests. It runs
 * from {@link Builder#start()} to {@link #close()}, and ends with this JVM even if that
 * is killed. Safe for use by many threads.
 */
public final class EmbeddedEtcd implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedEtcd.class);

	private final EtcdServer server;

	private EmbeddedEtcd(EtcdServer server) {
		this.server = server;
	}

	/**
	 * Every setting at its default: a random free port and a temporary data folder.
	 * @return the settings
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Where clients reach it.
	 * @return {@code http://127.0.0.1:} and the port
	 */
	public String endpoint() {
		return this.server.endpoint();
	}

	/**
	 * The folder etcd keeps its data in.
	 * @return the folder
	 */
	public Path dataDir() {
		return this.server.folder().path();
	}

	/**
	 * The process id of etcd itself.
	 * @return the process id
	 */
	public long pid() {
		return this.server.process().pid();
	}

	/**
	 * Whether the process runs.
	 * @return true until it is closed or dies
	 */
	public boolean isRunning() {
		return this.server.process().isAlive();
	}

	/**
	 * The latest lines of etcd's own log, the oldest first.
	 * @return up to 200 lines
	 */
	public List<String> log() {
		return this.server.process().lines();
	}

	/** Ends etcd and deletes a temporary data folder. Idempotent, never throws. */
	@Override
	public void close() {
		this.server.stop();
	}

	/** How to start an etcd. Not safe for use by many threads. */
	public static final class Builder {

		private static final int ATTEMPTS = 3;

		private @Nullable Path binary;

		private int port;

		private @Nullable Path dataDir;

		private List<String> arguments = List.of();

		private Duration startTimeout = Duration.ofSeconds(30);

		private Builder() {
		}

		/**
		 * The etcd binary. Without it {@code ETCD_BINARY}, the {@code PATH} and the cache
		 * folder {@code etcd-lock} of this user are looked at.
		 * @param file the binary, or null to look for one
		 * @return this builder
		 */
		public Builder binary(@Nullable Path file) {
			this.binary = file;
			return this;
		}

		/**
		 * The port for clients.
		 * @param number the port, or 0 for a random free one
		 * @return this builder
		 */
		public Builder port(int number) {
			if (number < 0 || number > 0xFFFF) {
				throw new IllegalArgumentException("A port is a number from 0 to 65535, but was " + number);
			}
			this.port = number;
			return this;
		}

		/**
		 * The folder that etcd keeps its data in, created if need be and left at close.
		 * @param folder the folder, or null for a temporary one
		 * @return this builder
		 */
		public Builder dataDir(@Nullable Path folder) {
			this.dataDir = folder;
			return this;
		}

		/**
		 * Further arguments for etcd, given after ours.
		 * @param options the arguments, as in {@code --quota-backend-bytes=1000000000}
		 * @return this builder
		 */
		public Builder arguments(List<String> options) {
			this.arguments = List.copyOf(options);
			return this;
		}

		/**
		 * How long etcd may take until it answers.
		 * @param time the time, 30 seconds by default
		 * @return this builder
		 */
		public Builder startTimeout(Duration time) {
			if (time.isNegative() || time.isZero()) {
				throw new IllegalArgumentException(
						"The time etcd may take to start must be more than zero, but was " + time);
			}
			this.startTimeout = time;
			return this;
		}

		/**
		 * Starts etcd and waits until it answers.
		 * @return the running etcd; close it
		 * @throws EtcdBinaryNotFoundException if there is no binary
		 * @throws EmbeddedEtcdException if the port is taken, or etcd ends or does not
		 * answer in time (the message has etcd's last log lines), or the thread is
		 * interrupted while it waits
		 */
		public EmbeddedEtcd start() {
			Path program = new EtcdBinary(System.getenv(), System.getProperty("user.home")).find(this.binary);
			if (this.port != 0 && !EtcdServer.isFree(this.port)) {
				throw new EmbeddedEtcdException("etcd could not start: port " + this.port
						+ " is taken by another process; stop that one, or choose another port (etcd-lock.embedded.port; "
						+ "0 takes a free one)", null);
			}
			if (this.dataDir != null && Files.isRegularFile(this.dataDir)) {
				throw new EmbeddedEtcdException("etcd could not start: " + this.dataDir
						+ " is a file, and etcd keeps its data in a folder: choose another (etcd-lock.embedded.data-dir)",
						null);
			}
			for (int attempt = 1;; attempt++) {
				EtcdServer server = launch(program);
				try {
					server.awaitReady(this.startTimeout);
					logger.info("An embedded etcd (process {}) serves {}", server.process().pid(), server.endpoint());
					return new EmbeddedEtcd(server);
				}
				catch (InterruptedException ex) {
					server.stop();
					Thread.currentThread().interrupt();
					throw new EmbeddedEtcdException("Interrupted while etcd was starting", ex);
				}
				catch (EmbeddedEtcdException ex) {
					server.stop();
					// a random port that was free may have been taken since: try others
					if (attempt == ATTEMPTS || !server.lackedPort()) {
						throw ex;
					}
				}
			}
		}

		private EtcdServer launch(Path program) {
			try {
				return new EtcdServer(program, this.port, DataFolder.of(this.dataDir), this.arguments);
			}
			catch (IOException ex) {
				throw new EmbeddedEtcdException("etcd could not be started from " + program + ": " + ex.getMessage(),
						ex);
			}
		}

	}

}
