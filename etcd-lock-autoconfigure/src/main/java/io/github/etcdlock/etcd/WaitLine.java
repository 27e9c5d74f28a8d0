package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import org.jspecify.annotations.Nullable;

/**
 * The line of one lock: those of this process who wait for it in order, and the places
 * this process has in etcd. At most one place waits there, whatever the number of local
 * waiters. There may be very many lines, so what is empty takes no room. Lives on the
 * loop.
 */
final class WaitLine implements Watch.Owner {

	/** What has become of a key: deleted, or put with a value. */
	record Change(ByteString key, long revision, boolean deleted, ByteString value) {
	}

	private final ByteString prefix;

	private final WatchStream watches;

	private Set<Ticket> queue = Set.of();

	private List<Place> places = List.of();

	private @Nullable Watch watch;

	/** The one key that is watched; null if all are. */
	private @Nullable ByteString only;

	/** The watch sees everything after this revision; -1 while there is none. */
	private long watchedFrom = -1;

	private long lastSeen;

	/** Keys of others put while the watch shows arrivals, and what they say. */
	private Map<ByteString, ByteString> others = Map.of();

	/** Answers under way, which events may overtake. */
	private int underWay;

	private List<Change> overtaking = List.of();

	/** The last batch that had a request of this line. */
	private long batch;

	WaitLine(ByteString prefix, WatchStream watches) {
		this.prefix = prefix;
		this.watches = watches;
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

	void enter(Ticket ticket) {
		if (this.queue.isEmpty()) {
			this.queue = Set.of(ticket);
		}
		else {
			this.queue = (this.queue.size() == 1) ? new LinkedHashSet<>(this.queue) : this.queue;
			this.queue.add(ticket);
		}
	}

	void leave(Ticket ticket) {
		if (this.queue.size() > 1) {
			this.queue.remove(ticket);
		}
		else if (this.queue.contains(ticket)) {
			this.queue = Set.of();
		}
	}

	@Nullable Ticket head() {
		return this.queue.isEmpty() ? null : this.queue.iterator().next();
	}

	/**
	 * Whether nobody of this process is before it. Others who can hold it too and are
	 * about to hear from etcd are not, for one who tries once and so cannot wait for
	 * their answer.
	 */
	boolean free(Ticket ticket) {
		return open(null, ticket.admission()) && (this.queue.isEmpty() || this.queue.stream()
			.allMatch((other) -> !ticket.waits() && other.asking() && other.admission().beside(ticket.admission())));
	}

	/** Whether a request may be put now, as far as our other places are concerned. */
	boolean open(@Nullable Place except, Admission next) {
		for (Place place : this.places) {
			if (place != except && !place.admits(next)) {
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
		if (this.places.isEmpty()) {
			this.places = List.of(place);
		}
		else {
			this.places = (this.places.size() == 1) ? new ArrayList<>(this.places) : this.places;
			this.places.add(place);
		}
	}

	void remove(Place place) {
		if (this.places.size() > 1) {
			this.places.remove(place);
		}
		else if (this.places.contains(place)) {
			this.places = List.of();
		}
	}

	boolean idle() {
		return this.queue.isEmpty() && this.places.isEmpty() && this.underWay == 0;
	}

	boolean watched() {
		return this.watch != null;
	}

	// Watching

	/**
	 * Watches deletions from now on, unless that is done already.
	 * @param from the first revision to see, or 0 for what is to come, which is the
	 * quicker way
	 */
	void watch(long from) {
		if (this.watch == null || this.only != null) {
			unwatch();
			this.lastSeen = Math.max(this.lastSeen, from - 1);
			this.watch = this.watches.open(this.prefix, null, false, from, this);
		}
	}

	/** Watches what a waiting place has to know, which is little if it is far behind. */
	void watchFor(Slot slot) {
		ByteString far = (this.places.size() == 1) ? slot.far() : null;
		if (far == null) {
			watch(0);
		}
		else if (!far.equals(this.only)) {
			unwatch();
			this.only = far;
			this.watch = this.watches.open(far, ByteString.EMPTY, false, slot.base() + 1, this);
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
		this.watch = this.watches.open(this.prefix, null, true, 0, this);
		return false;
	}

	/**
	 * Whether it is certain that no other process has a key behind this place that its
	 * rule keeps waiting: the place has read the whole line, and every arrival since
	 * would have been seen.
	 */
	boolean nobodyBehind(Place place, Admission admission) {
		return this.watchedFrom <= place.revision() && this.others.values().stream().noneMatch(admission::minds);
	}

	void unwatch() {
		if (this.watch != null) {
			this.watches.close(this.watch);
			this.watch = null;
			this.only = null;
			this.watchedFrom = -1;
			this.others = Map.of();
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
		this.others = Map.of();
		return (waiting || this.lastSeen <= 0) ? 0 : this.lastSeen + 1;
	}

	@Override
	public void refused(EtcdFailure failure) {
		List.copyOf(this.places).forEach((place) -> place.session().denied(failure));
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
					event.getType() == Event.EventType.DELETE, event.getKv().getValue());
			this.lastSeen = Math.max(this.lastSeen, change.revision());
			if (this.underWay > 0) {
				this.overtaking = this.overtaking.isEmpty() ? new ArrayList<>() : this.overtaking;
				this.overtaking.add(change);
			}
			remember(change);
			now.forEach((place) -> place.changed(this, change));
		}
		now.forEach(Place::settle);
	}

	private void remember(Change change) {
		if (change.deleted()) {
			if (!this.others.isEmpty()) {
				this.others.remove(change.key());
			}
		}
		else if (this.places.stream().noneMatch((place) -> place.has(this, change.key()))) {
			this.others = this.others.isEmpty() ? new HashMap<>() : this.others;
			this.others.put(change.key(), change.value());
		}
	}

	// Requests

	long batch() {
		return this.batch;
	}

	void batch(long number) {
		this.batch = number;
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
			this.overtaking = List.of();
		}
	}

}
