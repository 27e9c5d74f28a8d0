package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.etcd.LeaseManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Opens new connections when the SSL bundle was updated; locks survive that. */
final class EtcdTlsReload {

	private static final Logger logger = LoggerFactory.getLogger(EtcdTlsReload.class);

	private final EtcdLink link;

	private final LeaseManager leaseManager;

	EtcdTlsReload(EtcdConnectionDetails details, EtcdLink link, LeaseManager leaseManager,
			@Nullable SslBundles bundles) {
		this.link = link;
		this.leaseManager = leaseManager;
		String name = (details instanceof PropertiesEtcdConnectionDetails properties) ? properties.bundleName() : null;
		if (name != null && bundles != null) {
			bundles.addBundleUpdateHandler(name, this::reload);
		}
	}

	private void reload(SslBundle bundle) {
		try {
			if (this.link.update(bundle)) {
				this.leaseManager.reconnect();
				logger.info("The SSL bundle of etcd-lock was updated, connections are opened anew");
			}
		}
		catch (IllegalStateException ex) {
			logger.error("The updated SSL bundle of etcd-lock cannot be used, the old one stays in use", ex);
		}
	}

}
