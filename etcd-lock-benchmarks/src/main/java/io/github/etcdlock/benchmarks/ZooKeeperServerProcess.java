package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One ZooKeeper, from its Maven artifact, in a JVM of its own. */
final class ZooKeeperServerProcess implements Server {

	private final JavaProcess process;

	private final String address;

	private final Path folder;

	private ZooKeeperServerProcess(JavaProcess process, String address, Path folder) {
		this.process = process;
		this.address = address;
		this.folder = folder;
	}

	static ZooKeeperServerProcess start() throws IOException {
		Path folder = Files.createTempDirectory("etcd-lock-zookeeper-");
		int port = ServerProcess.freePort();
		JavaProcess process = JavaProcess.start(ZooKeeperMain.class,
				List.of("-Xms256m", "-Xmx1g", "-Dzookeeper.4lw.commands.whitelist=srvr"), "" + port, folder.toString());
		process.expect(Worker.READY);
		return new ZooKeeperServerProcess(process, "127.0.0.1:" + port, folder);
	}

	private String state(String name) {
		return ServerProcess.ask(this.address, "srvr", "Node count")
			.lines()
			.filter((line) -> line.startsWith(name + ": "))
			.map((line) -> line.substring(name.length() + 2).trim())
			.findFirst()
			.orElseThrow();
	}

	@Override
	public String address() {
		return this.address;
	}

	@Override
	public String version() {
		return state("Zookeeper version").replaceAll("[-,].*", "");
	}

	@Override
	public long pid() {
		return this.process.pid();
	}

	@Override
	public long requests() {
		return Long.parseLong(state("Received"));
	}

	@Override
	public void close() {
		this.process.close();
		ServerProcess.delete(this.folder);
	}

}
