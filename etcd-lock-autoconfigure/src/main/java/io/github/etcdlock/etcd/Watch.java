package io.github.etcdlock.etcd;

import java.util.List;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import org.jspecify.annotations.Nullable;

/** One watch on the shared stream; made again by the stream whenever it ends. */
final class Watch {

	/** Who watches. Called on the loop. */
	interface Owner {

		/**
		 * The watch sees every change after this revision, or after the one it was asked
		 * to begin with.
		 */
		void watching(long revision);

		/** All changes of one revision are in one call. */
		void changed(List<Event> events);

		/**
		 * The first revision to see again after an interruption, or 0 for those to come.
		 */
		long resumeFrom();

		/**
		 * etcd does not let our user read that, so nothing is seen until it does; it is
		 * asked again now and then.
		 */
		void refused(EtcdFailure failure);

	}

	private final ByteString key;

	private final @Nullable ByteString end;

	private final boolean puts;

	private final Owner owner;

	/** Until the next creation: the first revision to see, or 0. */
	private long from;

	private long id = -1;

	private boolean closed;

	/**
	 * Prepares it.
	 * @param end the first key that is not watched, empty for one key only, or null for
	 * all that begin with the key, which is made when it is needed: there may be many
	 */
	Watch(ByteString key, @Nullable ByteString end, boolean puts, long from, Owner owner) {
		this.key = key;
		this.end = end;
		this.puts = puts;
		this.from = from;
		this.owner = owner;
	}

	WatchCreateRequest request() {
		WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder()
			.setKey(this.key)
			.setRangeEnd(end())
			.setStartRevision(this.from);
		if (!this.puts) {
			request.addFilters(WatchCreateRequest.FilterType.NOPUT);
		}
		return request.build();
	}

	private ByteString end() {
		return (this.end != null) ? this.end : KeySpace.end(this.key);
	}

	void created(long id, long revision) {
		this.id = id;
		this.owner.watching((this.from > 0) ? this.from - 1 : revision);
	}

	void changed(List<Event> events) {
		this.owner.changed(events);
	}

	/** Its stream is gone: it is to be created again. */
	void interrupted() {
		this.id = -1;
		this.from = this.owner.resumeFrom();
	}

	void refused(EtcdFailure failure) {
		if (!this.closed) {
			interrupted();
			this.owner.refused(failure);
		}
	}

	/** A read that etcd permits where it permits this watch. */
	RangeRequest read() {
		return RangeRequest.newBuilder().setKey(this.key).setRangeEnd(end()).setKeysOnly(true).setLimit(1).build();
	}

	/** What it wanted to see is compacted: the owner has to read. */
	void compacted() {
		this.id = -1;
		this.from = 0;
	}

	void close() {
		this.closed = true;
	}

	boolean closed() {
		return this.closed;
	}

	/** The stream's number for it, or -1 while it is not created. */
	long id() {
		return this.id;
	}

	boolean puts() {
		return this.puts;
	}

}
