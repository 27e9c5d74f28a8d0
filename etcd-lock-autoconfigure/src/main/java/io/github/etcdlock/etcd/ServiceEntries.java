package io.github.etcdlock.etcd;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.recipe.ServiceInstance;
import org.jspecify.annotations.Nullable;

/**
 * How an instance is stored: service and id in the key, the rest as its address with the
 * metadata as a query, which no mapper of any application has a say in.
 */
final class ServiceEntries implements Watched.Reading<Map<String, List<ServiceInstance>>> {

	private final Readings.Named<ServiceInstance> all;

	/**
	 * Entries below a prefix.
	 * @param root what the keys of all services begin with
	 * @param prefix what is watched: that, or the part of one service
	 */
	ServiceEntries(ByteString root, ByteString prefix) {
		this.all = new Readings.Named<>(prefix, "an instance of a service", (entry) -> read(root, entry));
	}

	/** The key of an instance, but for its last segment, which is unique. */
	static ByteString key(KeySpace keys, ServiceInstance instance, String place) {
		return keys.recipe("services", instance.service())
			.concat(ByteString.copyFromUtf8(KeySpace.encode(instance.id()) + "/" + place));
	}

	static ByteString value(ServiceInstance instance) {
		String query = new TreeMap<>(instance.metadata()).entrySet()
			.stream()
			.map((entry) -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
			.collect(Collectors.joining("&"));
		return ByteString.copyFromUtf8(instance.uri() + (query.isEmpty() ? "" : "?" + query));
	}

	static ServiceInstance read(ByteString root, KeyValue entry) {
		String[] name = entry.getKey().substring(root.size()).toStringUtf8().split("/");
		URI uri = URI.create(entry.getValue().toStringUtf8());
		// getHost() would refuse names with an underscore.
		String authority = uri.getRawAuthority();
		int colon = authority.lastIndexOf(':');
		String host = authority.substring(0, colon);
		return new ServiceInstance(decode(name[0]), decode(name[1]),
				host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
				Integer.parseInt(authority.substring(colon + 1)), uri.getScheme().equals("https"),
				metadata(uri.getRawQuery()));
	}

	private static Map<String, String> metadata(@Nullable String query) {
		Map<String, String> metadata = new LinkedHashMap<>();
		for (String entry : (query != null) ? query.split("&") : new String[0]) {
			int equals = entry.indexOf('=');
			metadata.put(decode(entry.substring(0, equals)), decode(entry.substring(equals + 1)));
		}
		return metadata;
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String decode(String text) {
		return URLDecoder.decode(text, StandardCharsets.UTF_8);
	}

	/**
	 * By service, each in the order of the ids. Of an instance that is there twice,
	 * because it came back before its old session ended, one counts.
	 */
	@Override
	public Optional<Map<String, List<ServiceInstance>>> of(Collection<KeyValue> entries) {
		Map<String, Map<String, ServiceInstance>> byId = new TreeMap<>();
		List<KeyValue> inOrder = new ArrayList<>(entries);
		inOrder.sort((one, other) -> Long.compare(one.getCreateRevision(), other.getCreateRevision()));
		this.all.of(inOrder)
			.orElseThrow()
			.values()
			.forEach((instance) -> byId.computeIfAbsent(instance.service(), (service) -> new TreeMap<>())
				.put(instance.id(), instance));
		Map<String, List<ServiceInstance>> services = new TreeMap<>();
		byId.forEach((service, instances) -> services.put(service, List.copyOf(instances.values())));
		return Optional.of(Collections.unmodifiableMap(services));
	}

}
