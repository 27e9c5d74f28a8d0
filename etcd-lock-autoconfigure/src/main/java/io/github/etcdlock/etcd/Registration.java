package io.github.etcdlock.etcd;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An instance's entry, put again under each new session until it is closed. As with
 * locks, a key that was asked for without an answer is ended for good, and another takes
 * its place. Lives on the loop.
 */
final class Registration implements ServiceRegistration {

	private static final Logger logger = LoggerFactory.getLogger(Registration.class);

	private final Engine engine;

	private final Registry registry;

	private final ServiceInstance instance;

	private final CompletableFuture<Void> first = new CompletableFuture<>();

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private volatile @Nullable Session session;

	/** What is in etcd, once that is known. */
	private volatile @Nullable ByteString key;

	/** Whose end will be told. */
	private @Nullable Session followed;

	/** Whether its next put is due, or on its way. */
	private boolean pending;

	/** Whether a put is on its way. */
	private boolean putting;

	private boolean refusalSaid;

	private int repetitions;

	private volatile boolean closed;

	Registration(Engine engine, Registry registry, ServiceInstance instance) {
		this.engine = engine;
		this.registry = registry;
		this.instance = instance;
	}

	@Override
	public ServiceInstance instance() {
		return this.instance;
	}

	@Override
	public boolean isRegistered() {
		Session session = this.session;
		return this.key != null && session != null && session.proven() && !this.closed;
	}

	/** Completes when etcd has it for the first time, or never will. */
	CompletableFuture<Void> first() {
		return this.first;
	}

	/** Whether it has been taken out, or is being so. */
	boolean closed() {
		return this.closed;
	}

	void begin() {
		this.pending = true;
		if (this.closed) {
			return;
		}
		Session session = this.registry.session();
		this.session = session;
		session.whenStarted(new Session.Starter() {

			@Override
			public void started() {
				session.keep();
				follow(session);
				put(session);
			}

			@Override
			public void failed(EtcdFailure failure) {
				refused(failure);
				again();
			}

		});
	}

	private void follow(Session session) {
		if (this.followed != session) {
			this.followed = session;
			session.whenOver(() -> over(session));
		}
	}

	/** The session ends, and the entry with it. */
	private void over(Session session) {
		if (this.session == session) {
			this.key = null;
			if (this.closed) {
				this.ended.complete(null);
			}
			else if (!this.pending) {
				again();
			}
		}
	}

	private void again() {
		this.pending = true;
		this.engine.later(Math.max(this.engine.settings().requestTimeout().toNanos() / 10,
				this.engine.store().pause(this.repetitions++)), this::begin);
	}

	private void put(Session session) {
		if (this.closed) {
			return;
		}
		String place = session.unique();
		ByteString put = ServiceEntries.key(this.engine.keys(), this.instance, place);
		ByteString tombstone = this.engine.keys().tombstone(place);
		TxnRequest request = TxnRequest.newBuilder()
			.addCompare(Slot.createdAt(tombstone, 0))
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder()
					.setKey(put)
					.setValue(ServiceEntries.value(this.instance))
					.setLease(session.lease())))
			.build();
		this.putting = true;
		this.engine.store()
			.txn(request, this.engine.store().deadline(),
					(response) -> this.engine.loop().run(() -> there(session, put)),
					(failure) -> this.engine.loop().run(() -> notThere(session, put, tombstone, failure)));
	}

	private void there(Session session, ByteString put) {
		this.putting = false;
		this.pending = false;
		if (session.over()) {
			over(session);
			return;
		}
		this.key = put;
		this.repetitions = 0;
		this.first.complete(null);
		if (this.closed) {
			takeOut(session, put);
		}
	}

	private void notThere(Session session, ByteString put, ByteString tombstone, EtcdFailure failure) {
		this.putting = false;
		if (failure.applied()) {
			this.engine.reaper().endByName(session, List.of(put), tombstone, () -> {
			});
		}
		else if (failure.leaseGone()) {
			session.leaseGone();
		}
		if (this.closed) {
			this.ended.complete(null);
			return;
		}
		refused(failure);
		again();
	}

	private void refused(EtcdFailure failure) {
		if (!failure.passing() && !failure.leaseGone() && !this.refusalSaid) {
			this.refusalSaid = true;
			logger.warn(
					"etcd refuses the entry of the service {}: {}. Trying again; has the etcd user write "
							+ "permission on the key prefix?",
					LockRequest.quote(this.instance.service()), failure.text());
		}
	}

	private void takeOut(Session session, ByteString put) {
		this.key = null;
		this.engine.reaper()
			.end(session, TxnRequest.newBuilder().addSuccess(Slot.delete(put)).build(),
					() -> this.ended.complete(null));
	}

	/** Takes it out, without waiting; on the loop. */
	void end() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		this.first.complete(null);
		this.registry.left(this);
		Session session = this.session;
		ByteString put = this.key;
		if (session != null && put != null && !session.over()) {
			takeOut(session, put);
		}
		else if (!this.putting) {
			this.ended.complete(null);
		}
	}

	@Override
	public void close() {
		this.engine.loop().run(this::end);
		this.registry.waits().confirmed(this.ended);
	}

	@Override
	public String toString() {
		return "ServiceRegistration[" + this.instance.service() + " " + this.instance.id() + ", "
				+ (this.closed ? "closed" : isRegistered() ? "registered" : "not registered") + "]";
	}

}
