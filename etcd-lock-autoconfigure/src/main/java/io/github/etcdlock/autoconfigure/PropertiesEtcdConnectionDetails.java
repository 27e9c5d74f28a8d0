package io.github.etcdlock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/** The connection as the properties have it, checked. */
final class PropertiesEtcdConnectionDetails implements EtcdConnectionDetails {

	private final EtcdLockProperties properties;

	private final @Nullable SslBundles bundles;

	PropertiesEtcdConnectionDetails(EtcdLockProperties properties, @Nullable SslBundles bundles) {
		this.properties = properties;
		this.bundles = bundles;
		EtcdEndpoints endpoints = EtcdEndpoints.of(properties.endpoints());
		checkUser();
		checkBundle(endpoints);
	}

	private void checkUser() {
		if (getUsername() != null && getPassword() == null) {
			throw new InvalidEtcdLockPropertyException("username", getUsername(), "has no password with it",
					"Set etcd-lock.password as well, or leave out both.");
		}
		if (getUsername() == null && getPassword() != null) {
			throw new InvalidEtcdLockPropertyException("password", null, "has no user with it",
					"Set etcd-lock.username as well, or leave out both.");
		}
	}

	private void checkBundle(EtcdEndpoints endpoints) {
		String name = bundleName();
		if (name == null) {
			return;
		}
		if (endpoints.plain()) {
			throw new InvalidEtcdLockPropertyException("ssl.bundle", name,
					"asks for TLS, but the endpoints are http://",
					"Make the endpoints https://, or leave out the bundle.");
		}
		List<String> known = (this.bundles != null) ? this.bundles.getBundleNames() : List.of();
		if (!known.contains(name)) {
			throw new InvalidEtcdLockPropertyException("ssl.bundle", name,
					"names no SSL bundle" + (known.isEmpty() ? ", there are none" : ", there are " + known),
					"Define it under spring.ssl.bundle.pem." + name + " or spring.ssl.bundle.jks." + name + ".");
		}
		try {
			new TlsMaterial(getSslBundle());
		}
		catch (IllegalStateException ex) {
			throw new InvalidEtcdLockPropertyException("ssl.bundle", name,
					"names an SSL bundle that cannot be used: " + ex.getMessage(),
					"Correct what is under spring.ssl.bundle.pem." + name + " or spring.ssl.bundle.jks." + name + ".");
		}
	}

	@Nullable String bundleName() {
		return text(this.properties.ssl().bundle());
	}

	@Override
	public List<String> getEndpoints() {
		return this.properties.endpoints();
	}

	@Override
	public @Nullable String getUsername() {
		return text(this.properties.username());
	}

	@Override
	public @Nullable String getPassword() {
		String password = this.properties.password();
		return StringUtils.hasLength(password) ? password : null;
	}

	@Override
	public @Nullable SslBundle getSslBundle() {
		String name = bundleName();
		return (name != null && this.bundles != null) ? this.bundles.getBundle(name) : null;
	}

	private static @Nullable String text(@Nullable String value) {
		return StringUtils.hasText(value) ? value : null;
	}

}
