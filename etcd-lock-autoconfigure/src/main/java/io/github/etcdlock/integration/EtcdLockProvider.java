package io.github.etcdlock.integration;

import java.time.Duration;
import java.util.Optional;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks for ShedLock, on the same keys as those of {@link LockTemplate}. A lock is given
 * up after {@code lockAtMostFor} though its task runs on, and stays for
 * {@code lockAtLeastFor} though it has ended; if the process dies, it is free after the
 * time to live, or {@code lockAtMostFor} if that is shorter. It can be extended, so
 * ShedLock's {@code KeepAliveLockProvider} works with it. Throws
 * {@link io.github.etcdlock.LockUnavailableException} if etcd does not answer.
 */
public final class EtcdLockProvider implements ExtensibleLockProvider {

	private static final Logger logger = LoggerFactory.getLogger(EtcdLockProvider.class);

	private static final String NAME = "shedlock";

	private final LockTemplate template;

	private final Duration ttl;

	/**
	 * Creates the provider.
	 * @param template where the locks are from
	 * @param ttl how soon the lock of a dead process is free, if its times do not say
	 * otherwise
	 */
	public EtcdLockProvider(LockTemplate template, Duration ttl) {
		this.template = template;
		this.ttl = ttl;
	}

	@Override
	public Optional<SimpleLock> lock(LockConfiguration lockConfiguration) {
		String key = lockConfiguration.getName();
		LockRequest request = LockRequest.of(key)
			.waitingUpTo(Duration.ZERO)
			.withTtl(ttlFor(lockConfiguration))
			.named(NAME);
		try {
			return this.template.tryAcquire(request).map((lock) -> hold(lock, lockConfiguration));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockException("Interrupted before etcd said whether the lock " + request.quotedKeys()
					+ " is free: its task does not run", ex);
		}
	}

	private static SimpleLock hold(LockHandle lock, LockConfiguration configuration) {
		lock.onLost(() -> logger.warn("The lock {} is lost while its task runs: another instance may run it, too",
				LockRequest.quote(configuration.getName())));
		return TimedLock.begin(lock, configuration);
	}

	/**
	 * Long enough for {@code lockAtLeastFor} between two renewals, which come after a
	 * third of it, and never longer than {@code lockAtMostFor}; whole seconds, two at
	 * least, as etcd has it.
	 */
	Duration ttlFor(LockConfiguration configuration) {
		Duration atLeast = configuration.getLockAtLeastFor();
		long wanted = Math.max(this.ttl.toSeconds(), atLeast.plus(atLeast.dividedBy(2)).toSeconds() + 1);
		return Duration.ofSeconds(Math.max(2, Math.min(wanted, configuration.getLockAtMostFor().toSeconds())));
	}

}
