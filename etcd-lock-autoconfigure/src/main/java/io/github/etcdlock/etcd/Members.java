package io.github.etcdlock.etcd;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.grpc.ClientInterceptor;

/**
 * The members of etcd we know. Everybody uses the same one until somebody finds it
 * wanting; then everybody moves on to the next.
 */
final class Members {

	private final EtcdConnection connection;

	private final List<ClientInterceptor> interceptors;

	private volatile List<Member> all;

	private volatile Member current;

	Members(EtcdConnection connection, List<ClientInterceptor> interceptors) {
		this.connection = connection;
		this.interceptors = interceptors;
		this.all = open();
		this.current = this.all.get(0);
	}

	private List<Member> open() {
		return this.connection.endpoints()
			.stream()
			.map((endpoint) -> new Member(endpoint, this.connection, this.interceptors))
			.toList();
	}

	Member current() {
		return this.current;
	}

	int count() {
		return this.all.size();
	}

	/**
	 * Moves on, if this member is still the current one.
	 * @return the member to use now
	 */
	synchronized Member suspect(Member member) {
		int index = this.all.indexOf(member);
		if (this.current == member && index >= 0) {
			this.current = this.all.get((index + 1) % this.all.size());
		}
		return this.current;
	}

	/** Asks each member for itself. */
	CompletableFuture<List<MemberStatus>> statuses(AuthToken token, long timeout) {
		List<CompletableFuture<MemberStatus>> answers = this.all.stream()
			.map((member) -> member.status(token, timeout))
			.toList();
		return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
			.thenApply((all) -> answers.stream().map(CompletableFuture::join).toList());
	}

	/** Opens everything anew, with the TLS material of now. */
	synchronized void reopen() {
		List<Member> old = this.all;
		this.all = open();
		this.current = this.all.get(0);
		old.forEach(Member::shutdown);
	}

	synchronized void close() {
		this.all.forEach(Member::shutdownNow);
	}

	@Override
	public String toString() {
		return this.connection.endpoints().toString();
	}

}
