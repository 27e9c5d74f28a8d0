package io.github.etcdlock.event;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import org.springframework.context.ApplicationEventPublisher;

/** Publishes what happens to locks as events of the application. */
public final class LockEvents implements LockListener {

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates the listener.
	 * @param publisher who gets the events
	 */
	public LockEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public void onLost(LockHandle lock) {
		this.publisher.publishEvent(new LockLostEvent(lock));
	}

}
