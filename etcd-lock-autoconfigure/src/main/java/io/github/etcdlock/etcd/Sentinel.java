package io.github.etcdlock.etcd;

import java.util.List;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key of the session's own, bound to its lease and watched: it tells others who we are,
 * and us when etcd has dropped the lease early, or when somebody asks for one of our
 * locks. Lives on the loop.
 */
final class Sentinel implements Watch.Owner {

	private static final Logger logger = LoggerFactory.getLogger(Sentinel.class);

	private static final ByteString ALIVE = ByteString.copyFromUtf8("alive");

	private final Engine engine;

	private final Session session;

	private final ByteString prefix;

	private final long pause;

	private long revision;

	private @Nullable Watch watch;

	Sentinel(Engine engine, Session session, long pause) {
		this.engine = engine;
		this.session = session;
		this.prefix = engine.keys().session(session.lease());
		this.pause = pause;
	}

	void put() {
		PutRequest put = PutRequest.newBuilder()
			.setKey(this.prefix.concat(ALIVE))
			.setValue(Owner.value(this.engine.settings().application()))
			.setLease(this.session.lease())
			.build();
		TxnRequest request = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(put)).build();
		this.engine.store()
			.repeatTxn(request, this.engine.store().deadline(),
					(response) -> this.engine.loop().run(() -> there(response.getHeader().getRevision())),
					(failure) -> this.engine.loop().run(() -> notPut(failure)));
	}

	private void there(long revision) {
		this.revision = revision;
		if (!this.session.over() && this.watch == null) {
			this.watch = this.engine.watches().open(this.prefix, KeySpace.end(this.prefix), true, 0, this);
		}
	}

	private void notPut(EtcdFailure failure) {
		if (failure.leaseGone()) {
			this.session.leaseGone();
		}
		else if (!this.session.over()) {
			logger.debug("The session key {} could not be put: {}", this.prefix.toStringUtf8(), failure.text());
			this.engine.later(this.pause, this::put);
		}
	}

	@Override
	public void watching(long revision) {
		if (revision != this.revision && !this.session.over()) {
			RangeRequest request = RangeRequest.newBuilder()
				.setKey(this.prefix)
				.setRangeEnd(KeySpace.end(this.prefix))
				.build();
			this.engine.store()
				.range(request, this.engine.store().deadline(),
						(response) -> this.engine.loop().run(() -> read(response)),
						(failure) -> this.engine.later(this.pause, () -> watching(revision)));
		}
	}

	private void read(RangeResponse response) {
		if (response.getKvsList().stream().noneMatch((kv) -> kv.getKey().endsWith(ALIVE))) {
			this.session.lost("its session key is gone from etcd");
		}
		else {
			response.getKvsList().forEach((kv) -> asked(kv.getKey(), kv.getValue()));
		}
	}

	@Override
	public void changed(List<Event> events) {
		for (Event event : events) {
			if (event.getType() == Event.EventType.PUT) {
				asked(event.getKv().getKey(), event.getKv().getValue());
			}
			else if (event.getKv().getKey().endsWith(ALIVE)) {
				this.session.lost("its lease was revoked, or its session key deleted, in etcd");
			}
		}
	}

	@Override
	public long resumeFrom() {
		return 0;
	}

	private void asked(ByteString key, ByteString value) {
		if (!key.endsWith(ALIVE)) {
			Revocation.parse(value).ifPresent(this.session::revocationAsked);
		}
	}

	void close() {
		if (this.watch != null) {
			this.engine.watches().close(this.watch);
		}
	}

	@Override
	public String toString() {
		return this.prefix.toStringUtf8();
	}

}
