package io.github.etcdlock.etcd;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.recipe.ServiceRegistry;
import org.jspecify.annotations.Nullable;

/** The instances that this process has registered, and those that it knows. */
final class Registry implements ServiceRegistry {

	private final Engine engine;

	private final Sessions sessions;

	private final Waits waits;

	/** On the loop. */
	private final Set<Registration> registrations = new LinkedHashSet<>();

	private final Map<String, Discovery> discoveries = new ConcurrentHashMap<>();

	private final Object guard = new Object();

	private @Nullable Watched<Map<String, List<ServiceInstance>>> all;

	private boolean closed;

	Registry(Engine engine, Sessions sessions, Waits waits) {
		this.engine = engine;
		this.sessions = sessions;
		this.waits = waits;
	}

	Waits waits() {
		return this.waits;
	}

	Session session() {
		return this.sessions.get(this.engine.settings().ttl().toSeconds());
	}

	@Override
	public ServiceRegistration register(ServiceInstance instance) {
		Registration registration = new Registration(this.engine, this, instance);
		this.engine.loop().run(() -> {
			if (this.closed) {
				registration.end();
			}
			else {
				this.registrations.add(registration);
				registration.begin();
			}
		});
		this.waits.confirmed(registration.first());
		if (registration.closed()) {
			throw new IllegalStateException("The service " + LockRequest.quote(instance.service())
					+ " cannot be registered any more: is the application shutting down?");
		}
		return registration;
	}

	void left(Registration registration) {
		this.registrations.remove(registration);
	}

	/** Takes everything out, and registers nothing more; on the loop. */
	void close() {
		this.closed = true;
		List.copyOf(this.registrations).forEach(Registration::end);
	}

	@Override
	public Map<String, List<ServiceInstance>> services() {
		Watched<Map<String, List<ServiceInstance>>> watched;
		synchronized (this.guard) {
			if (this.all == null) {
				this.all = watch(this.engine.keys().kind("services"));
			}
			watched = this.all;
		}
		return watched.get().orElse(Map.of());
	}

	Discovery discovery(String service) {
		return this.discoveries.computeIfAbsent(service,
				(name) -> new Discovery(name, () -> watch(this.engine.keys().recipe("services", name))));
	}

	private Watched<Map<String, List<ServiceInstance>>> watch(ByteString prefix) {
		return new Watched<>(this.engine, this.waits, Mirrors.Range.prefix(prefix),
				new ServiceEntries(this.engine.keys().kind("services"), prefix));
	}

}
