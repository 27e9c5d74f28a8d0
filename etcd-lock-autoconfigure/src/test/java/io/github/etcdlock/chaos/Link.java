package io.github.etcdlock.chaos;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.github.etcdlock.test.TcpProxy;

/** One worker's way to etcd: a proxy for each member. */
final class Link implements AutoCloseable {

	private final List<TcpProxy> proxies;

	Link(List<String> endpoints) {
		this.proxies = endpoints.stream().map(TcpProxy::to).toList();
	}

	/** What the worker is told, each as {@code host:port}. */
	String endpoints() {
		return this.proxies.stream().map((proxy) -> "127.0.0.1:" + proxy.port()).collect(Collectors.joining(","));
	}

	void each(Consumer<TcpProxy> action) {
		this.proxies.forEach(action);
	}

	TcpProxy to(int member) {
		return this.proxies.get(member);
	}

	@Override
	public void close() {
		each(TcpProxy::close);
	}

}
