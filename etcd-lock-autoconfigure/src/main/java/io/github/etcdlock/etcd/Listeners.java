package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockListener;
import io.github.etcdlock.LockRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the listeners, in order, on a thread of the library's own, so that none of them
 * can hold up or break a lock.
 */
final class Listeners {

	private static final Logger logger = LoggerFactory.getLogger(Listeners.class);

	private final List<LockListener> listeners;

	private final Timers timers;

	private final Loop order;

	Listeners(List<LockListener> listeners, Timers timers) {
		this.listeners = List.copyOf(listeners);
		this.timers = timers;
		this.order = new Loop(timers.callbacks());
	}

	void acquired(LockHandle lock, long waited) {
		tell((listener) -> listener.onAcquired(lock, Duration.ofNanos(waited)));
	}

	void notAcquired(LockRequest request, long waited) {
		tell((listener) -> listener.onNotAcquired(request, Duration.ofNanos(waited)));
	}

	void error(LockRequest request, long waited, EtcdLockException cause) {
		tell((listener) -> listener.onError(request, Duration.ofNanos(waited), cause));
	}

	void released(LockHandle lock) {
		tell((listener) -> listener.onReleased(lock));
	}

	void lost(LockHandle lock) {
		tell((listener) -> listener.onLost(lock));
	}

	private void tell(Consumer<LockListener> event) {
		if (!this.listeners.isEmpty()) {
			this.order.enqueue(() -> this.listeners.forEach((listener) -> {
				try {
					event.accept(listener);
				}
				catch (RuntimeException | Error ex) {
					logger.warn("A lock listener failed: {}", listener.getClass().getName(), ex);
				}
			}));
		}
	}

}
