package io.github.etcdlock.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One Redis, either without any persistence or with every write on the disk first. */
final class RedisServer implements Server {

	private static final String PROGRAM = "redis-server";

	private final ServerProcess process;

	private RedisServer(ServerProcess process) {
		this.process = process;
	}

	static RedisServer start(boolean durable) throws IOException, InterruptedException {
		Path program = program();
		Path folder = Files.createTempDirectory("etcd-lock-redis-");
		int port = ServerProcess.freePort();
		List<String> command = new ArrayList<>(List.of(program.toString(), "--port", "" + port, "--bind", "127.0.0.1",
				"--dir", folder.toString(), "--save", ""));
		if (durable) {
			command.addAll(List.of("--appendonly", "yes", "--appendfsync", "always"));
		}
		return new RedisServer(ServerProcess.start(command, program.resolveSibling("lib"), port, folder));
	}

	/** Where {@code scripts/provision-rivals.sh} puts it, unless the machine has it. */
	private static Path program() throws IOException {
		List<Path> folders = new ArrayList<>();
		for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
			folders.add(Path.of(folder));
		}
		String cache = System.getenv("XDG_CACHE_HOME");
		Path home = Path.of(System.getProperty("user.home"), ".cache");
		folders
			.add(((cache != null && !cache.isEmpty()) ? Path.of(cache) : home).resolve("etcd-lock").resolve("redis"));
		return folders.stream()
			.map((folder) -> folder.resolve(PROGRAM))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> new IOException(
					"no " + PROGRAM + " on the PATH or in the cache; scripts/provision-rivals.sh gets one"));
	}

	private String info(String name) {
		return ServerProcess.ask(address(), "INFO\r\n", "# Keyspace")
			.lines()
			.filter((line) -> line.startsWith(name + ":"))
			.map((line) -> line.substring(name.length() + 1).trim())
			.findFirst()
			.orElseThrow();
	}

	@Override
	public String address() {
		return this.process.address();
	}

	@Override
	public String version() {
		return info("redis_version");
	}

	@Override
	public long pid() {
		return this.process.pid();
	}

	/** Commands, those of scripts among them. */
	@Override
	public long requests() {
		return Long.parseLong(info("total_commands_processed"));
	}

	@Override
	public void close() {
		this.process.close();
	}

}
