package io.github.etcdlock.recipe;

import java.net.URI;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * One running instance of a service.
 *
 * @param service the name of the service
 * @param id what tells it from other instances of the service
 * @param host where it is reached
 * @param port where it is reached
 * @param secure whether it wants TLS
 * @param metadata whatever else others should know of it
 */
public record ServiceInstance(String service, String id, String host, int port, boolean secure,
		Map<String, String> metadata) {

	private static final int LAST_PORT = 65_535;

	/** A name, which may have an underscore, or an address of version 4 or 6. */
	private static final Pattern HOST = Pattern
		.compile("[\\p{L}\\p{N}._-]+|\\[?[0-9A-Fa-f.]*:[0-9A-Fa-f.:]+(%[A-Za-z0-9._-]+)?]?");

	/**
	 * Checks and copies.
	 * @param service the name of the service, not blank
	 * @param id what tells it from other instances, not blank
	 * @param host a host name or address, without scheme or port
	 * @param port a port number
	 * @param secure whether it wants TLS
	 * @param metadata whatever else others should know of it
	 */
	public ServiceInstance {
		check("service", service);
		check("id", id);
		check("host", host);
		if (port < 0 || port > LAST_PORT) {
			throw new IllegalArgumentException("The port of an instance of " + service + " is no port: " + port);
		}
		checkHost(service, host);
		metadata = Map.copyOf(metadata);
	}

	private static void checkHost(String service, String host) {
		try {
			if (HOST.matcher(host).matches()) {
				address("http", host, LAST_PORT);
				return;
			}
		}
		catch (IllegalArgumentException ex) {
			throw noHost(service, host, ex);
		}
		throw noHost(service, host, null);
	}

	private static IllegalArgumentException noHost(String service, String host, @Nullable Throwable cause) {
		return new IllegalArgumentException("The host of an instance of " + service
				+ " must be a host name or an address, without scheme, port or path, but was "
				+ LockRequest.quote(host), cause);
	}

	private static URI address(String scheme, String host, int port) {
		String literal = (host.contains(":") && !host.startsWith("[")) ? "[" + host + "]" : host;
		return URI.create(scheme + "://" + literal + ":" + port);
	}

	private static void check(String what, String text) {
		if (text == null || text.isBlank()) {
			throw new IllegalArgumentException("The " + what + " of a service instance must not be blank");
		}
	}

	/**
	 * An instance that is known by its address, without metadata.
	 * @param service the name of the service
	 * @param host where it is reached
	 * @param port where it is reached
	 * @return the instance
	 */
	public static ServiceInstance of(String service, String host, int port) {
		return new ServiceInstance(service, host + ":" + port, host, port, false, Map.of());
	}

	/**
	 * The instance with other metadata.
	 * @param metadata the metadata
	 * @return the instance
	 */
	public ServiceInstance withMetadata(Map<String, String> metadata) {
		return new ServiceInstance(this.service, this.id, this.host, this.port, this.secure, metadata);
	}

	/**
	 * Where it is reached.
	 * @return {@code http://} or {@code https://} with host and port
	 */
	public URI uri() {
		return address(this.secure ? "https" : "http", this.host, this.port);
	}

}
