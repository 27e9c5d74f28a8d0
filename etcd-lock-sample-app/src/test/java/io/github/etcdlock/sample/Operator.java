package io.github.etcdlock.sample;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.github.etcdlock.test.EtcdExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** Somebody with etcdctl, who looks at the etcd of the shop past the page. */
final class Operator {

	private final EtcdExtension etcd;

	private final OpenShop shop;

	Operator(EtcdExtension etcd, OpenShop shop) {
		this.etcd = etcd;
		this.shop = shop;
	}

	ProcessBuilder command(String... arguments) {
		ProcessBuilder command = this.etcd.cluster().etcdctl(arguments);
		command.command().set(1, "--endpoints=" + this.shop.etcd());
		return command;
	}

	String run(String... arguments) throws IOException, InterruptedException {
		Process process = command(arguments).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		return output;
	}

	/** The keys that begin so. */
	List<String> keys(String prefix) throws IOException, InterruptedException {
		return run("get", "--prefix", prefix, "--keys-only").lines().filter((line) -> !line.isEmpty()).toList();
	}

	/** How many stand for foreman. */
	int candidates() throws IOException, InterruptedException {
		return keys("/locks/.elections/foreman/").size();
	}

	/**
	 * Reads beside the holders of a lock, as another program that follows the protocol.
	 */
	String read(String lock) throws IOException, InterruptedException {
		String lease = run("lease", "grant", "60").split(" ")[1];
		run("put", "/locks/" + lock + "/" + lease + "-1", "shared", "--lease=" + lease);
		return lease;
	}

}
