package io.github.etcdlock.etcd;

import java.util.List;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
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

	/**
	 * Shows the session to others, and looks whether they have the same layout of keys;
	 * of two that begin at the same time the later one sees the other.
	 */
	void put(long deadline) {
		ByteString others = this.engine.keys().sessions();
		TxnRequest request = TxnRequest.newBuilder()
			.addSuccess(alive())
			.addSuccess(RequestOp.newBuilder()
				.setRequestRange(RangeRequest.newBuilder().setKey(others).setRangeEnd(KeySpace.end(others))))
			.build();
		this.engine.store()
			.repeatTxn(request, deadline, (response) -> this.engine.loop().run(() -> there(response)),
					(failure) -> this.engine.loop().run(() -> this.session.notEntered(failure)));
	}

	private RequestOp alive() {
		PutRequest put = PutRequest.newBuilder()
			.setKey(this.prefix.concat(ALIVE))
			.setValue(Owner.value(this.engine.settings().application(), this.engine.keys().layout()))
			.setLease(this.session.lease())
			.build();
		return RequestOp.newBuilder().setRequestPut(put).build();
	}

	private void there(TxnResponse response) {
		if (this.session.over()) {
			return;
		}
		this.revision = response.getHeader().getRevision();
		Layout layout = this.engine.keys().layout();
		for (KeyValue other : response.getResponses(1).getResponseRange().getKvsList()) {
			if (other.getKey().endsWith(ALIVE) && !layout.fits(other.getValue())) {
				this.session.notEntered(layout.conflict(this.engine.settings().keyPrefix(), other.getValue()));
				return;
			}
		}
		this.watch = this.engine.watches().open(this.prefix, null, true, 0, this);
		this.session.entered();
	}

	/**
	 * Asks for a put that is never carried out: etcd checks the permission all the same.
	 */
	void checkRights() {
		Compare never = Compare.newBuilder(Slot.createdAt(this.prefix.concat(ALIVE), 0))
			.setResult(Compare.CompareResult.LESS)
			.build();
		this.engine.store()
			.repeatTxn(TxnRequest.newBuilder().addCompare(never).addSuccess(alive()).build(),
					this.engine.store().deadline(), (response) -> logger.trace("{} may still be changed", this),
					(failure) -> this.engine.loop().run(() -> {
						if (failure.denied()) {
							this.session.denied(failure);
						}
					}));
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

	@Override
	public void refused(EtcdFailure failure) {
		this.session.denied(failure);
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
