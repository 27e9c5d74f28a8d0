package io.github.etcdlock.sample;

import java.sql.SQLException;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * The shop as a newcomer starts it, with three members of etcd: once for all tests of a
 * JVM, for its workers take seconds to start.
 */
final class OpenShop implements BeforeAllCallback {

	private static final Namespace NAMESPACE = Namespace.create(OpenShop.class);

	private static final class Opened implements AutoCloseable {

		private final ConfigurableApplicationContext context;

		Opened() {
			try {
				this.context = ShopApplication.open("--server.port=0", "--shop.members=3", "--shop.database-port=0",
						"--etcd-lock.embedded.port=0", "--etcd-lock.ttl=4s", "--shop.naive-ttl=4s");
			}
			catch (SQLException ex) {
				throw new IllegalStateException("The database did not start", ex);
			}
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

	private volatile PageClient page = new PageClient("http://127.0.0.1:1");

	private volatile String etcd = "";

	private volatile ConfigurableApplicationContext context;

	@Override
	public void beforeAll(ExtensionContext test) {
		this.context = test.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent(Opened.class, (type) -> new Opened(), Opened.class).context;
		this.page = new PageClient(
				"http://127.0.0.1:" + this.context.getEnvironment().getProperty("local.server.port"));
		this.etcd = String.join(",", this.context.getBean(Ensemble.class).endpoints());
	}

	/** The page, to be asked. */
	PageClient page() {
		return this.page;
	}

	/** The endpoints of etcd, for etcdctl. */
	String etcd() {
		return this.etcd;
	}

	/** The instance that has the page, for what buyers do not do. */
	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

}
