package io.github.etcdlock.actuate;

import java.security.Principal;
import java.util.Map;
import java.util.function.Supplier;

import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Says over HTTP by the status whether a lock was ended, or etcd is silent, and knows who
 * asks.
 */
@EndpointWebExtension(endpoint = EtcdLocksEndpoint.class)
public final class EtcdLocksEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final EtcdLocksEndpoint endpoint;

	/**
	 * Creates the extension.
	 * @param endpoint what it extends
	 */
	public EtcdLocksEndpointWebExtension(EtcdLocksEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * Locks of the whole cluster, in parts.
	 * @param key only this lock, or null for all
	 * @param after the last key of the part before, or null to begin
	 * @param limit how many, 100 unless given, 1000 at most
	 * @return the locks, and what to read after; 503 if etcd does not answer
	 */
	@ReadOperation
	public WebEndpointResponse<Object> locks(@Nullable String key, @Nullable String after, @Nullable Integer limit) {
		return answer(() -> ok(this.endpoint.locks(key, after, limit)));
	}

	/**
	 * Another view of the locks.
	 * @param view "instance" or "waits"
	 * @return the view; 404 if there is no such view, 503 if etcd does not answer
	 */
	@ReadOperation
	public WebEndpointResponse<Object> view(@Selector String view) {
		return answer(() -> ok(this.endpoint.view(view)));
	}

	private static WebEndpointResponse<Object> ok(@Nullable Object body) {
		return new WebEndpointResponse<>(body,
				(body != null) ? WebEndpointResponse.STATUS_OK : WebEndpointResponse.STATUS_NOT_FOUND);
	}

	/**
	 * Ends a lock.
	 * @param security who asks
	 * @param key the lock's key
	 * @param token the token of the holder that is meant
	 * @param force whether to take it away; else the holder is asked to give it up
	 * @return what became of it; 409 if another holds the lock by now, or nobody, 503 if
	 * etcd does not say
	 */
	@WriteOperation
	public WebEndpointResponse<Object> end(SecurityContext security, String key, long token, @Nullable Boolean force) {
		Principal principal = security.getPrincipal();
		String name = (principal != null) ? principal.getName() : "anonymous";
		return answer(() -> {
			Revocation revocation = this.endpoint.end(name, key, token, force);
			return new WebEndpointResponse<>(revocation, switch (revocation.outcome()) {
				case RELEASED, ASKED -> WebEndpointResponse.STATUS_OK;
				case CONFLICT -> CONFLICT;
				case UNKNOWN -> WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE;
			});
		});
	}

	private static WebEndpointResponse<Object> answer(Supplier<WebEndpointResponse<Object>> answer) {
		try {
			return answer.get();
		}
		catch (LockUnavailableException ex) {
			return new WebEndpointResponse<>(Map.of("problem", String.valueOf(ex.getMessage())),
					WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
		}
	}

}
