package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * Where work is done, and where misfortune can strike at its worst moment: whoever comes
 * next to a spot with a trap stays there until it is let go, so that the page can pause
 * or kill this process, or break its link, between a read and the write that follows.
 */
@Component
class Traps {

	/** Longer than any misfortune lasts: a trap that is forgotten opens by itself. */
	private static final Duration PATIENCE = Duration.ofSeconds(40);

	/** Where somebody can be caught. */
	enum Spot {

		/** A buyer is served: the stock is read and not yet written. */
		SALE,

		/** A parcel is packed: it was received and is not acknowledged. */
		PACKING

	}

	private static final class Trap {

		private final CompletableFuture<String> caught = new CompletableFuture<>();

		private final CountDownLatch open = new CountDownLatch(1);

	}

	private final Map<Spot, Trap> traps = new EnumMap<>(Spot.class);

	synchronized void arm(Spot spot) {
		release(spot);
		this.traps.put(spot, new Trap());
	}

	/** Waits until somebody is caught, and tells who. */
	Optional<String> awaitCaught(Spot spot, Duration wait) throws InterruptedException {
		Trap trap = trap(spot);
		if (trap == null) {
			return Optional.empty();
		}
		try {
			return Optional.of(trap.caught.get(wait.toMillis(), TimeUnit.MILLISECONDS));
		}
		catch (TimeoutException ex) {
			return Optional.empty();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A trap broke", ex.getCause());
		}
	}

	synchronized void release(Spot spot) {
		Trap trap = this.traps.remove(spot);
		if (trap != null) {
			trap.open.countDown();
		}
	}

	/** Works for a while, or until released. */
	void work(Spot spot, String who, int millis) {
		Trap trap = trap(spot);
		if (trap != null && trap.caught.complete(who)) {
			await(trap);
		}
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
			if (Thread.currentThread().isInterrupted()) {
				throw new IllegalStateException("Interrupted at work for " + who);
			}
		}
	}

	private static void await(Trap trap) {
		try {
			trap.open.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private synchronized @Nullable Trap trap(Spot spot) {
		return this.traps.get(spot);
	}

}
