package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.etcd.jetcd.api.Event;

/**
 * How far a copy of a part of etcd goes, and what of the rest its watch shows. A change
 * belongs to the copy only if nothing before it is missing; whatever comes while the copy
 * is being read is kept for afterwards. Lives on the loop.
 */
final class Horizon {

	/** Everything up to here is in the copy; 0 before the first read. */
	private long revision;

	/** The watch shows everything after this revision; -1 while there is none. */
	private long seenAfter = -1;

	private boolean reading;

	/** Changes that came while the copy was being read. */
	private final List<List<Event>> overtaking = new ArrayList<>();

	/** Up to where the copy is complete; 0 before the first read. */
	long revision() {
		return this.revision;
	}

	boolean reading() {
		return this.reading;
	}

	/** Whether there is something between the copy and what the watch shows. */
	boolean gap() {
		return this.seenAfter >= 0 && (this.revision == 0 || this.seenAfter > this.revision);
	}

	/** Whether the copy was read, and a watch shows every change as it comes. */
	boolean current() {
		return this.revision > 0 && this.seenAfter >= 0 && !gap() && !this.reading;
	}

	/** The watch shows everything after this revision. */
	void watching(long after) {
		this.seenAfter = after;
	}

	/** The watch is interrupted: the first revision to see again, or 0. */
	long resumeFrom() {
		this.seenAfter = -1;
		return (this.revision > 0) ? this.revision + 1 : 0;
	}

	/** What was seen is not what is there any more. */
	void storeWentBack() {
		this.seenAfter = -1;
		this.revision = 0;
		this.overtaking.clear();
	}

	/**
	 * Moves on by the changes of one revision.
	 * @return whether they belong to the copy now
	 */
	boolean follow(List<Event> events) {
		long next = events.get(0).getKv().getModRevision();
		if (this.revision == 0 || gap() || next <= this.revision) {
			return false;
		}
		this.revision = next;
		return true;
	}

	void beginRead() {
		this.reading = true;
	}

	/** Keeps changes until the copy has been read. */
	void overtaken(List<Event> events) {
		this.overtaking.add(events);
	}

	/** The copy was read, and takes over what came meanwhile. */
	void read(long readRevision, Consumer<List<Event>> apply) {
		this.reading = false;
		this.revision = readRevision;
		this.overtaking.forEach(apply);
		this.overtaking.clear();
	}

	/** The copy stays as it is. */
	void notRead() {
		this.reading = false;
		this.overtaking.clear();
	}

}
