package io.github.etcdlock.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Endpoints as users write them, read.
 *
 * @param targets what gRPC connects to: host:port, or one dns:/// target
 * @param tls whether they asked for TLS by name
 * @param plain whether they asked for plain text by name
 */
record EtcdEndpoints(List<String> targets, boolean tls, boolean plain) {

	private static final int DEFAULT_PORT = 2379;

	private static final String FORMS = "Write each as host:port, http://host:port or https://host:port, "
			+ "or give one dns:///name:port.";

	static EtcdEndpoints of(List<String> endpoints) {
		if (endpoints.isEmpty()) {
			throw new InvalidEtcdLockPropertyException("endpoints", null, "is empty",
					"Name at least one member of etcd, such as http://localhost:2379.");
		}
		Set<String> schemes = new LinkedHashSet<>();
		List<String> targets = new ArrayList<>();
		for (String endpoint : endpoints) {
			targets.add(target(endpoint.strip(), schemes));
		}
		if (schemes.contains("dns") && endpoints.size() > 1) {
			throw invalid(endpoints, "has a dns:/// target among others", "Use that one alone: it names every member.");
		}
		if (schemes.contains("http") && schemes.contains("https")) {
			throw invalid(endpoints, "mixes http:// and https://", "Use the same for every member.");
		}
		return new EtcdEndpoints(targets.stream().distinct().toList(), schemes.contains("https"),
				schemes.contains("http"));
	}

	private static String target(String endpoint, Set<String> schemes) {
		if (endpoint.contains("@")) {
			throw new InvalidEtcdLockPropertyException("endpoints", null, "has a user or password in a URL",
					"Use etcd-lock.username and etcd-lock.password.");
		}
		int colon = endpoint.indexOf("://");
		String scheme = (colon > 0) ? endpoint.substring(0, colon).toLowerCase(Locale.ROOT) : "";
		if (!List.of("", "http", "https", "dns").contains(scheme)) {
			throw invalid(endpoint, "has the unknown scheme " + scheme + "://", FORMS);
		}
		if (scheme.equals("dns")) {
			if (!endpoint.startsWith("dns:///") || endpoint.length() == "dns:///".length()) {
				throw invalid(endpoint, "names no host after dns:///", FORMS);
			}
			schemes.add(scheme);
			return endpoint;
		}
		schemes.add(scheme);
		return hostAndPort(endpoint, (colon > 0) ? endpoint.substring(colon + 3) : endpoint);
	}

	private static String hostAndPort(String endpoint, String authority) {
		URI uri;
		try {
			uri = new URI("etcd://" + authority);
		}
		catch (URISyntaxException ex) {
			throw invalid(endpoint, "is not a host and a port", FORMS);
		}
		boolean onlyAuthority = uri.getPath().isEmpty() || uri.getPath().equals("/");
		if (uri.getHost() == null || !onlyAuthority || uri.getQuery() != null || uri.getFragment() != null) {
			throw invalid(endpoint, "is not a host and a port", FORMS);
		}
		int port = (uri.getPort() == -1) ? DEFAULT_PORT : uri.getPort();
		if (port < 1 || port > 0xFFFF) {
			throw invalid(endpoint, "has the port " + port, "A port is a number from 1 to 65535; etcd's own is 2379.");
		}
		return uri.getHost() + ":" + port;
	}

	private static InvalidEtcdLockPropertyException invalid(Object value, String problem, String cure) {
		return new InvalidEtcdLockPropertyException("endpoints", value, problem, cure);
	}

}
