package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.github.etcdlock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * The line of one lock: those of this process who wait for it in order, and the places
 * this process has in etcd. At most one place waits there, whatever the number of local
 * waiters. Lives on the loop.
 */
final class WaitLine implements Watch.Owner {

	/** What has become of a key: deleted, or put with a value. */
	record Change(ByteString key, long revision, boolean deleted, boolean shared) {
	}

	private final String name;

	private final ByteString prefix;

	private final WatchStream watches;

	private final Set<Ticket> queue = new LinkedHashSet<>();

	private final List<Place> places = new ArrayList<>(1);

	private @Nullable Watch watch;

	/** The watch sees everything after this revision; -1 while there is none. */
	private long watchedFrom = -1;

	private long lastSeen;

	/** Keys of others put while the watch shows arrivals, and whether they are shared. */
	private final Map<ByteString, Boolean> others = new HashMap<>(0);

	/** Answers under way, which events may overtake. */
	private int underWay;

	private final List<Change> overtaking = new ArrayList<>(0);

	private long idleSince;

	WaitLine(String name, ByteString prefix, WatchStream watches) {
		this.name = name;
		this.prefix = prefix;
		this.watches = watches;
	}

	String name() {
		return this.name;
	}

	ByteString prefix() {
		return this.prefix;
	}

	ByteString end() {
		return KeySpace.end(this.prefix);
	}

	/** Those who wait for a place of their own or have one that is not first. */
	Set<Ticket> queue() {
		return this.queue;
	}

	@Nullable Ticket head() {
		return this.queue.isEmpty() ? null : this.queue.iterator().next();
	}

	/**
	 * Whether nobody of this process is before it. Readers who are about to hear from
	 * etcd are not, for one who tries once and so cannot wait for their answer.
	 */
	boolean free(Ticket ticket) {
		boolean reads = ticket.mode() == LockMode.SHARED && !ticket.waits();
		return open(null, ticket.mode())
				&& this.queue.stream().allMatch((other) -> reads && other.mode() == LockMode.SHARED && other.asking());
	}

	/** Whether a request may be put now, as far as our other places are concerned. */
	boolean open(@Nullable Place except, LockMode mode) {
		for (Place place : this.places) {
			if (place != except && !place.admits(mode)) {
				return false;
			}
		}
		return true;
	}

	/** What this process has in the line. */
	List<Place> places() {
		return this.places;
	}

	void add(Place place) {
		this.places.add(place);
	}

	void remove(Place place) {
		this.places.remove(place);
	}

	boolean idle() {
		return this.queue.isEmpty() && this.places.isEmpty() && this.underWay == 0;
	}

	boolean watched() {
		return this.watch != null;
	}

	void idleSince(long time) {
		this.idleSince = time;
	}

	long idleSince() {
		return this.idleSince;
	}

	// Watching

	/**
	 * Watches deletions from now on, unless that is done already.
	 * @param from the first revision to see, or 0 for what is to come, which is the
	 * quicker way
	 */
	void watch(long from) {
		if (this.watch == null) {
			this.lastSeen = Math.max(this.lastSeen, from - 1);
			this.watch = this.watches.open(this.prefix, end(), false, from, this);
		}
	}

	/**
	 * Watches arrivals too, from now on.
	 * @return whether that is done already
	 */
	boolean watchArrivals() {
		if (this.watch != null && this.watch.puts()) {
			return this.watchedFrom >= 0;
		}
		unwatch();
		this.watch = this.watches.open(this.prefix, end(), true, 0, this);
		return false;
	}

	/**
	 * Whether it is certain that no other process has a key behind this place that its
	 * mode keeps waiting: the place has read the whole line, and every arrival since
	 * would have been seen.
	 */
	boolean nobodyBehind(Place place, LockMode mode) {
		return this.watchedFrom <= place.revision()
				&& (this.others.isEmpty() || (mode == LockMode.SHARED && !this.others.containsValue(false)));
	}

	void unwatch() {
		if (this.watch != null) {
			this.watches.close(this.watch);
			this.watch = null;
			this.watchedFrom = -1;
			this.others.clear();
		}
	}

	/** Whether the watch misses something that a read at this revision has not seen. */
	boolean gapAfter(long revision) {
		return this.watchedFrom > revision;
	}

	@Override
	public void watching(long revision) {
		this.watchedFrom = revision;
		this.lastSeen = Math.max(this.lastSeen, revision);
		for (Place place : List.copyOf(this.places)) {
			place.watching(this);
		}
	}

	@Override
	public long resumeFrom() {
		boolean waiting = this.places.stream().anyMatch(Place::waiting);
		this.watchedFrom = -1;
		this.others.clear();
		return (waiting || this.lastSeen <= 0) ? 0 : this.lastSeen + 1;
	}

	/** What was seen is not what is there any more. */
	void storeWentBack() {
		this.lastSeen = 0;
	}

	@Override
	public void changed(List<Event> events) {
		List<Place> now = List.copyOf(this.places);
		for (Event event : events) {
			Change change = new Change(event.getKv().getKey(), event.getKv().getModRevision(),
					event.getType() == Event.EventType.DELETE, event.getKv().getValue().equals(PlaceRequests.SHARED));
			this.lastSeen = Math.max(this.lastSeen, change.revision());
			if (this.underWay > 0) {
				this.overtaking.add(change);
			}
			remember(change);
			now.forEach((place) -> place.changed(this, change));
		}
		now.forEach(Place::settle);
	}

	private void remember(Change change) {
		if (change.deleted()) {
			this.others.remove(change.key());
		}
		else if (this.places.stream().noneMatch((place) -> place.has(this, change.key()))) {
			this.others.put(change.key(), change.shared());
		}
	}

	// Answers that events may overtake

	void asked() {
		this.underWay++;
	}

	/** Replays to a place what overtook its answer. */
	void answered(@Nullable Place place) {
		this.underWay--;
		if (place != null) {
			this.overtaking.forEach((change) -> place.changed(this, change));
		}
		if (this.underWay == 0) {
			this.overtaking.clear();
		}
	}

}
