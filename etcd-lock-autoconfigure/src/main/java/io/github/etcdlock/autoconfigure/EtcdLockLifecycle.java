package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.etcd.LeaseManager;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Asks etcd before anything of the application runs, and ends the locks after everything
 * that may hold one: schedulers, message listeners and web requests have ended by then,
 * and the client is closed later, with the beans.
 */
final class EtcdLockLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {

	/**
	 * Lower phases end later: web servers drain at DEFAULT_PHASE - 1024 and stop at -
	 * 2048, and the executors of schedulers wait for their tasks at half of it.
	 */
	static final int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 4096;

	private final ApplicationContext context;

	private final LeaseManager leaseManager;

	private final EtcdProbe probe;

	private volatile boolean running;

	private volatile boolean closing;

	EtcdLockLifecycle(ApplicationContext context, LeaseManager leaseManager, EtcdProbe probe) {
		this.context = context;
		this.leaseManager = leaseManager;
		this.probe = probe;
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() == this.context) {
			this.closing = true;
		}
	}

	@Override
	public void start() {
		this.running = true;
		this.probe.start();
	}

	/**
	 * Ends the locks for good if the context closes; one that is only stopped may be
	 * started again.
	 */
	@Override
	public void stop() {
		this.running = false;
		this.probe.stop();
		if (this.closing) {
			this.leaseManager.close();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
