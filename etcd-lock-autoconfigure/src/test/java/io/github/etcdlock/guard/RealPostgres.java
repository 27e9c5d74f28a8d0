package io.github.etcdlock.guard;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.fail;

/**
 * A PostgreSQL of a test's own, on a free port of the loopback interface, in a temporary
 * folder. It ends with {@link #close()}, and with this JVM even if that is killed.
 */
final class RealPostgres implements AutoCloseable {

	/** Ends the server when nobody holds the other end of our standard input. */
	private static final String GUARD = "\"$@\" </dev/null & pid=$!; read -r end; kill -INT $pid; wait $pid";

	private static final String NOBODY = "65534";

	private final Path folder;

	private final Process server;

	private final int port;

	private RealPostgres(Path folder, Process server, int port) {
		this.folder = folder;
		this.server = server;
		this.port = port;
	}

	/**
	 * Starts one. Where there is none to start the test is skipped, but not where
	 * {@code CI} is true.
	 */
	static RealPostgres start() throws IOException, InterruptedException {
		Optional<Path> binaries = binaries();
		if (binaries.isEmpty()) {
			String reason = "There is no PostgreSQL here: scripts/provision-postgresql.sh gets one, or says why not";
			if ("true".equals(System.getenv("CI"))) {
				fail(reason);
			}
			Assumptions.abort(reason);
		}
		Path folder = Files.createTempDirectory("etcd-lock-postgresql-");
		boolean root = "root".equals(System.getProperty("user.name"));
		Path bin = root ? readable(binaries.get(), folder) : binaries.get();
		Path data = Files.createDirectory(folder.resolve("data"), mode("rwx------"));
		if (root) {
			run(command(false, "chown", NOBODY + ":" + NOBODY, data.toString()), bin);
			Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
		}
		run(command(root, bin.resolve("initdb").toString(), "--pgdata=" + data, "--username=test", "--auth=trust",
				"--encoding=UTF8", "--locale=C", "--no-sync"), bin);
		int port = freePort();
		List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "sh"));
		command.addAll(command(root, bin.resolve("postgres").toString(), "-D", data.toString(), "-p",
				Integer.toString(port), "-h", "127.0.0.1", "-k", "", "-F"));
		RealPostgres postgres = new RealPostgres(folder, builder(command, bin).start(), port);
		postgres.awaitReady();
		return postgres;
	}

	private void awaitReady() {
		try {
			Awaitility.await("PostgreSQL answers")
				.atMost(Duration.ofSeconds(30))
				.pollInterval(Duration.ofMillis(50))
				.ignoreExceptions()
				.until(this::answers);
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
	}

	private boolean answers() throws SQLException {
		try (Connection connection = dataSource().getConnection()) {
			return connection.isValid(5);
		}
	}

	DataSource dataSource() {
		PGSimpleDataSource source = new PGSimpleDataSource();
		source.setServerNames(new String[] { "127.0.0.1" });
		source.setPortNumbers(new int[] { this.port });
		source.setDatabaseName("postgres");
		source.setUser("test");
		return source;
	}

	private static List<String> command(boolean root, String... command) {
		List<String> whole = new ArrayList<>();
		if (root) {
			// PostgreSQL refuses to run as root.
			whole.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
		}
		whole.addAll(List.of(command));
		return whole;
	}

	/** A copy for those who may not look into the home of root. */
	private static Path readable(Path bin, Path folder) throws IOException, InterruptedException {
		Path tree = provisioned();
		if (tree == null || !bin.startsWith(tree)) {
			return bin;
		}
		Path copy = folder.resolve("postgresql");
		run(List.of("cp", "-r", tree.toString(), copy.toString()), bin);
		return copy.resolve(tree.relativize(bin));
	}

	private static void run(List<String> command, Path bin) throws IOException, InterruptedException {
		Process process = builder(command, bin).start();
		String output = new String(process.getInputStream().readAllBytes());
		if (process.waitFor() != 0) {
			throw new IllegalStateException(command + " failed: " + output);
		}
	}

	private static ProcessBuilder builder(List<String> command, Path bin) {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		Path libraries = bin.resolve("../../../../../lib").normalize();
		if (bin.toString().contains("etcd-lock") && Files.isDirectory(libraries)) {
			builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
		}
		builder.environment().put("TZ", "GMT");
		if (command.get(0).equals("/bin/sh")) {
			builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
		}
		return builder;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static FileAttribute<?> mode(String permissions) {
		return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
	}

	/** The same places, in the same order, as in the provisioning script. */
	private static Optional<Path> binaries() throws IOException {
		List<Path> folders = new ArrayList<>();
		for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
			folders.add(Path.of(folder));
		}
		folders.addAll(versions(Path.of("/usr/lib/postgresql")));
		Path tree = provisioned();
		if (tree != null) {
			folders.addAll(versions(tree.resolve("usr/lib/postgresql")));
		}
		for (Path folder : folders) {
			if (Files.isExecutable(folder.resolve("postgres")) && Files.isExecutable(folder.resolve("initdb"))) {
				// Where it really is: it finds its files from there.
				return Optional.of(folder.resolve("postgres").toRealPath().getParent());
			}
		}
		return Optional.empty();
	}

	private static List<Path> versions(Path folder) throws IOException {
		if (!Files.isDirectory(folder)) {
			return List.of();
		}
		try (Stream<Path> versions = Files.list(folder)) {
			return versions.map((version) -> version.resolve("bin")).sorted().toList();
		}
	}

	private static @Nullable Path provisioned() throws IOException {
		String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
		String cache = System.getenv().getOrDefault("XDG_CACHE_HOME", home + "/.cache");
		Path tree = Path.of(cache, "etcd-lock", "postgresql");
		return Files.isDirectory(tree) ? tree.toRealPath() : null;
	}

	@Override
	public void close() {
		try {
			this.server.getOutputStream().close();
			if (!this.server.waitFor(10, TimeUnit.SECONDS)) {
				this.server.destroyForcibly();
			}
			try (Stream<Path> files = Files.walk(this.folder)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.delete(file);
				}
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("PostgreSQL did not end cleanly", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
