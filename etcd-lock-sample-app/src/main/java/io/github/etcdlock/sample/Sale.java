package io.github.etcdlock.sample;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/** One flash sale, from its announcement to its end. */
final class Sale {

	/** What somebody did to it, and what that means. */
	record Note(long at, String kind, String instance, String text) {

		Note since(long began) {
			return new Note(this.at - began, this.kind, this.instance, this.text);
		}

	}

	private static final long PATIENCE_SECONDS = 15;

	private final String item;

	private final SaleOrder order;

	private final List<Note> notes = new CopyOnWriteArrayList<>();

	private final Set<String> dead = ConcurrentHashMap.newKeySet();

	/** Whose buyers come first; the others come when the doors open. */
	private final String first;

	private final CountDownLatch doors;

	private volatile CountDownLatch calm = new CountDownLatch(0);

	private volatile List<String> instances = List.of();

	private volatile long began = System.currentTimeMillis();

	private volatile long ended;

	private volatile @Nullable String failure;

	/**
	 * A sale.
	 * @param item what is sold
	 * @param order how much of it, and how
	 * @param first the instance whose buyers come first, before the doors open for the
	 * others; empty for none
	 */
	Sale(String item, SaleOrder order, String first) {
		this.item = item;
		this.order = order;
		this.first = first;
		this.doors = new CountDownLatch(first.isEmpty() ? 0 : 1);
	}

	void openDoors() {
		this.doors.countDown();
	}

	/** Something is being done to it, which ends when the latch is down. */
	void strike(CountDownLatch calm) {
		this.calm = calm;
	}

	void awaitCalm() throws InterruptedException {
		this.calm.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
	}

	/** Waits until the buyers of an instance may come. */
	void awaitDoors(String instance) throws InterruptedException {
		if (!instance.equals(this.first)) {
			this.doors.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
		}
	}

	void begin(List<String> instances) {
		this.instances = List.copyOf(instances);
		this.began = System.currentTimeMillis();
	}

	void end() {
		this.ended = System.currentTimeMillis();
		openDoors();
	}

	void fail(String reason) {
		this.failure = reason;
		end();
	}

	void note(String kind, String instance, String text) {
		this.notes.add(new Note(System.currentTimeMillis(), kind, instance, text));
	}

	/** Whether it is news that an instance is dead. */
	boolean dies(String instance) {
		return this.dead.add(instance);
	}

	String first() {
		return this.first;
	}

	String item() {
		return this.item;
	}

	SaleOrder order() {
		return this.order;
	}

	List<String> instances() {
		return this.instances;
	}

	List<Note> notes() {
		return List.copyOf(this.notes);
	}

	boolean isRunning() {
		return this.ended == 0;
	}

	long began() {
		return this.began;
	}

	/** When it ended, or now. */
	long until() {
		return isRunning() ? System.currentTimeMillis() : this.ended;
	}

	@Nullable String failure() {
		return this.failure;
	}

}
