package io.github.etcdlock.autoconfigure;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of this application as an instance of a service.
 *
 * @param enabled Whether this application registers itself while it runs.
 * @param service Name of the service. By default that of the application.
 * @param instanceId What tells this instance from others of the service. By default host
 * and port.
 * @param host Where others reach this instance. By default an address of this machine
 * that is not its loopback.
 * @param port Where others reach this instance. By default the port of the running web
 * server.
 * @param secure Whether others have to use TLS. By default whether the web server has
 * TLS, with server.ssl.
 * @param metadata What else others should know of this instance.
 */
@ConfigurationProperties("etcd-lock.registry")
public record EtcdRegistryProperties(@DefaultValue("false") boolean enabled, @Nullable String service,
		@Nullable String instanceId, @Nullable String host, @Nullable Integer port, @Nullable Boolean secure,
		@DefaultValue Map<String, String> metadata) {

}
