package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.recipe.ServiceRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.StringUtils;

/**
 * Registers this application when everything else runs, and takes it out before anything
 * else ends, the draining of the web server included.
 */
final class RegisteredService implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(RegisteredService.class);

	private final ServiceRegistry registry;

	private final EtcdRegistryProperties properties;

	private final String application;

	private final @Nullable ServicePort server;

	private volatile @Nullable ServiceRegistration registration;

	RegisteredService(ServiceRegistry registry, EtcdRegistryProperties properties, String application,
			@Nullable ServicePort server) {
		this.registry = registry;
		this.properties = properties;
		this.application = application;
		this.server = server;
	}

	@Override
	public void start() {
		ServiceRegistration registration = this.registry.register(instance());
		this.registration = registration;
		logger.info("Registered as {} at {}{}", registration.instance().service(), registration.instance().uri(),
				registration.isRegistered() ? "" : ", as soon as etcd can be reached");
	}

	private ServiceInstance instance() {
		String host = StringUtils.hasText(this.properties.host()) ? this.properties.host() : HostAddress.find();
		int port = port();
		String service = StringUtils.hasText(this.properties.service()) ? this.properties.service() : this.application;
		String id = StringUtils.hasText(this.properties.instanceId()) ? this.properties.instanceId()
				: host + ":" + port;
		try {
			return new ServiceInstance(service, id, host, port, secure(), this.properties.metadata());
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidEtcdLockPropertyException("registry", null,
					"does not describe an instance: " + ex.getMessage(),
					"Correct etcd-lock.registry.host, service or instance-id.");
		}
	}

	private boolean secure() {
		Boolean secure = this.properties.secure();
		return (secure != null) ? secure : this.server != null && this.server.secure();
	}

	private int port() {
		Integer port = this.properties.port();
		if (port != null && (port < 1 || port > 0xFFFF)) {
			throw new InvalidEtcdLockPropertyException("registry.port", port, "is no port",
					"Use a number from 1 to 65535, or leave it out where a web server has one.");
		}
		int known = (port != null) ? port : (this.server != null) ? this.server.port() : 0;
		if (known <= 0) {
			throw new InvalidEtcdLockPropertyException("registry.port", null,
					"is not set, and no web server runs in this application that would have a port",
					"Set it to where others reach this application, or etcd-lock.registry.enabled to false.");
		}
		return known;
	}

	@Override
	public void stop() {
		ServiceRegistration registration = this.registration;
		if (registration != null) {
			registration.close();
			this.registration = null;
		}
	}

	@Override
	public boolean isRunning() {
		return this.registration != null;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

}
