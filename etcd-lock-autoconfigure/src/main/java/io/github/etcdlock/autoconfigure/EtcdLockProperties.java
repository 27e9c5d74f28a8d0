package io.github.etcdlock.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of distributed locks on etcd.
 *
 * @param enabled Whether locks are in etcd. If not, they work within this process only.
 * @param endpoints Members of etcd, each as host:port, http:// or https://, or one
 * dns:/// target.
 * @param username Etcd user, if etcd asks for one.
 * @param password Password of the etcd user.
 * @param ssl TLS towards etcd
 * @param keyPrefix Etcd key under which all locks live.
 * @param waitTime How long to wait for a lock, unless the request says otherwise. 0 tries
 * once.
 * @param ttl How soon the locks of a dead process are free, in whole seconds from 2s up.
 * A living process keeps them.
 * @param requestTimeout How long one operation on etcd may take, with its repetitions. By
 * default the smaller of 3s and a third of the ttl.
 * @param connectTimeout How long one attempt to connect to etcd may take.
 * @param shutdownTimeout How long a shutdown waits for actions that run under a lock, or
 * that only the leader runs.
 * @param turnLimit How many more times the threads of this process pass a lock on among
 * themselves once another process waits for it. 0 has every pass written to etcd.
 * @param turnTime For how long they do so at most.
 * @param failFast Whether the start-up fails when etcd cannot be used.
 * @param aop the annotation {@code @DistributedLock}
 * @param fence the fence around what is written to a database under a lock
 * @param embedded an etcd of the application's own, for development and tests
 */
@ConfigurationProperties("etcd-lock")
public record EtcdLockProperties(@DefaultValue("true") boolean enabled,
		@DefaultValue("http://localhost:2379") List<String> endpoints, @Nullable String username,
		@Nullable String password, @DefaultValue Ssl ssl, @DefaultValue("/locks") String keyPrefix,
		@DefaultValue("10s") Duration waitTime, @DefaultValue("30s") Duration ttl, @Nullable Duration requestTimeout,
		@DefaultValue("3s") Duration connectTimeout, @DefaultValue("10s") Duration shutdownTimeout,
		@DefaultValue("16") int turnLimit, @DefaultValue("50ms") Duration turnTime,
		@DefaultValue("false") boolean failFast, @DefaultValue Aop aop, @DefaultValue Fence fence,
		@DefaultValue Embedded embedded) {

	/** The properties without the password. */
	@Override
	public String toString() {
		return "EtcdLockProperties[enabled=" + this.enabled + ", endpoints=" + this.endpoints + ", username="
				+ this.username + ", ssl=" + this.ssl + ", keyPrefix=" + this.keyPrefix + ", waitTime=" + this.waitTime
				+ ", ttl=" + this.ttl + ", requestTimeout=" + this.requestTimeout + ", connectTimeout="
				+ this.connectTimeout + ", shutdownTimeout=" + this.shutdownTimeout + ", turnLimit=" + this.turnLimit
				+ ", turnTime=" + this.turnTime + ", failFast=" + this.failFast + ", aop=" + this.aop + ", fence="
				+ this.fence + ", embedded=" + this.embedded + "]";
	}

	/**
	 * TLS towards etcd.
	 *
	 * @param bundle SSL bundle with the certificates to trust and, if etcd asks for one,
	 * a certificate of the client's own. Without it https:// trusts what the JVM trusts.
	 */
	public record Ssl(@Nullable String bundle) {

	}

	/**
	 * The annotation {@code @DistributedLock}.
	 *
	 * @param enabled Whether methods marked with the annotation are locked.
	 * @param mode How marked methods are locked: by proxies around beans, or by AspectJ's
	 * weaver within the classes, which needs the weaver in the JVM and locks private
	 * methods and calls within a bean too.
	 * @param order Place among other advisors. A smaller number is further out, so the
	 * default is outside of transactions and caches.
	 * @param beanReferences Whether keys and conditions may use beans, such as @tenants.
	 */
	public record Aop(@DefaultValue("true") boolean enabled, @DefaultValue("proxy") Mode mode,
			@DefaultValue("2147483547") int order /* Ordered.LOWEST_PRECEDENCE - 100 */,
			@DefaultValue("false") boolean beanReferences) {

		/** How marked methods are locked. */
		public enum Mode {

			/** Proxies around beans, as with other annotations of Spring. */
			PROXY,

			/** AspectJ's weaver, within the classes themselves. */
			ASPECTJ

		}

	}

	/**
	 * The fence around what is written to a database under a lock.
	 *
	 * @param table Table of the highest fencing tokens, made by one of the scripts
	 * io/github/etcdlock/guard/schema-*.sql.
	 */
	public record Fence(@DefaultValue("etcd_lock_fence") String table) {

	}

	/**
	 * An etcd of the application's own.
	 *
	 * @param enabled Whether to start a real etcd process with the application, and to
	 * use it instead of the endpoints.
	 * @param binary Etcd binary. Without it ETCD_BINARY, the PATH and the cache folder
	 * etcd-lock of this user are looked at.
	 * @param port Port for clients. 0 takes a free one.
	 * @param dataDir Folder for its data, which stays. Without it a temporary one.
	 */
	public record Embedded(@DefaultValue("false") boolean enabled, @Nullable Path binary, @DefaultValue("0") int port,
			@Nullable Path dataDir) {

	}

}
