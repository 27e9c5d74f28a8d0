package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.etcd.LeaseManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Asks etcd one question when the application starts: either the start-up fails with it,
 * or what is wrong is said once in the log, without anybody waiting for that.
 */
final class EtcdProbe {

	private static final Logger logger = LoggerFactory.getLogger(EtcdProbe.class);

	private final LeaseManager leaseManager;

	private final EtcdTarget target;

	private final boolean failFast;

	private volatile boolean stopped;

	EtcdProbe(LeaseManager leaseManager, EtcdTarget target, boolean failFast) {
		this.leaseManager = leaseManager;
		this.target = target;
		this.failFast = failFast;
	}

	void start() {
		if (this.failFast) {
			try {
				this.leaseManager.probe();
			}
			catch (LockUnavailableException ex) {
				throw new EtcdUnusableException(this.target, ex);
			}
			return;
		}
		Thread thread = new Thread(this::probeAndLog, "etcd-lock-probe");
		thread.setDaemon(true);
		thread.start();
	}

	void stop() {
		this.stopped = true;
	}

	private void probeAndLog() {
		try {
			this.leaseManager.probe();
		}
		catch (LockUnavailableException ex) {
			if (!this.stopped) {
				FailureAnalysis analysis = EtcdDiagnosis.of(ex, this.target);
				logger.warn(
						"Locks are not available yet. {}{}{}{}The application starts nevertheless; "
								+ "set etcd-lock.fail-fast=true to let it fail instead.",
						analysis.getDescription(), System.lineSeparator(), analysis.getAction(),
						System.lineSeparator());
			}
		}
	}

}
