package io.github.etcdlock.test;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What a proxy lets through at the moment, and how late. */
final class ProxyGate {

	enum Direction {

		TO_SERVER, TO_CLIENT

	}

	private final Set<Direction> shut = EnumSet.noneOf(Direction.class);

	private Duration delay = Duration.ZERO;

	synchronized void shut(Direction... directions) {
		this.shut.clear();
		Collections.addAll(this.shut, directions);
		notifyAll();
	}

	synchronized void delay(Duration time) {
		this.delay = time;
		notifyAll();
	}

	/** Waits until what arrived at the given time may go on. */
	synchronized void pass(Direction direction, long arrivalNanos) throws InterruptedException {
		while (true) {
			long left = arrivalNanos + this.delay.toNanos() - System.nanoTime();
			if (this.shut.contains(direction)) {
				wait();
			}
			else if (left > 0) {
				TimeUnit.NANOSECONDS.timedWait(this, left);
			}
			else {
				return;
			}
		}
	}

}
