package io.github.etcdlock.benchmarks;

import java.nio.charset.StandardCharsets;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;

/** No lock at all: a put and a delete through jetcd's {@code KV}. */
final class RawKvClient implements LockClient {

	private static final ByteSequence VALUE = ByteSequence.from("benchmark", StandardCharsets.UTF_8);

	private final Client client;

	private final KV keys;

	RawKvClient(String address) {
		this.client = Client.builder().endpoints("http://" + address).build();
		this.keys = this.client.getKVClient();
	}

	@Override
	public Held lock(String key) throws Exception {
		ByteSequence name = ByteSequence.from("/bench/kv/" + key, StandardCharsets.UTF_8);
		this.keys.put(name, VALUE).get();
		return () -> this.keys.delete(name).get();
	}

	@Override
	public void close() {
		this.client.close();
	}

}
