package io.github.etcdlock.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;

import io.github.etcdlock.embedded.EmbeddedEtcd;

/** One etcd, and what it counts. */
final class EtcdServer implements Server {

	private final EmbeddedEtcd etcd = EmbeddedEtcd.builder().start();

	private final HttpClient http = HttpClient.newHttpClient();

	@Override
	public String address() {
		return this.etcd.endpoint().substring("http://".length());
	}

	@Override
	public String version() {
		return get("/version").replaceAll(".*\"etcdserver\":\"([^\"]*)\".*", "$1");
	}

	@Override
	public long pid() {
		return this.etcd.pid();
	}

	/** Unary requests and messages of streams alike. */
	@Override
	public long requests() {
		return counters().getOrDefault("grpc_server_msg_received_total", 0.0).longValue();
	}

	/** Everything that it counts, each with the sum over its labels. */
	Map<String, Double> counters() {
		Map<String, Double> sums = new HashMap<>();
		get("/metrics").lines().filter((line) -> !line.startsWith("#")).forEach((line) -> {
			String name = line.split("[{ ]", 2)[0];
			sums.merge(name, Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)), Double::sum);
		});
		return sums;
	}

	private String get(String path) {
		try {
			return this.http
				.send(HttpRequest.newBuilder(URI.create(this.etcd.endpoint() + path)).build(),
						HttpResponse.BodyHandlers.ofString())
				.body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while etcd was asked for " + path, ex);
		}
	}

	@Override
	public void close() {
		this.etcd.close();
	}

}
