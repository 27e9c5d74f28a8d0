package io.github.etcdlock.etcd;

import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The headers of calls to etcd. Apart, for what they load is not needed while an
 * application starts.
 */
final class Headers {

	private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

	private static final Metadata.Key<String> NEEDS_LEADER = Metadata.Key.of("hasleader",
			Metadata.ASCII_STRING_MARSHALLER);

	private Headers() {
	}

	/** Those of a call with this token, or without one. */
	static Metadata of(@Nullable String token) {
		Metadata headers = new Metadata();
		if (token != null) {
			headers.put(TOKEN, token);
		}
		return headers;
	}

	/** The same for a stream that a member without a leader is to end. */
	static Metadata needingLeader(@Nullable String token) {
		Metadata headers = of(token);
		headers.put(NEEDS_LEADER, "true");
		return headers;
	}

}
