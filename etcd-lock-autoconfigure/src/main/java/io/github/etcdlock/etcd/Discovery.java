package io.github.etcdlock.etcd;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.etcdlock.recipe.InstanceChooser;
import io.github.etcdlock.recipe.ServiceDiscovery;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.WatchedValue;
import org.jspecify.annotations.Nullable;

/** The instances of one service; its watch begins with the first question. */
final class Discovery implements ServiceDiscovery {

	private final String service;

	private final Supplier<? extends WatchedValue<Map<String, List<ServiceInstance>>>> watch;

	private final InstanceChooser inTurn = InstanceChooser.roundRobin();

	private final Object guard = new Object();

	private volatile @Nullable WatchedValue<Map<String, List<ServiceInstance>>> watched;

	Discovery(String service, Supplier<? extends WatchedValue<Map<String, List<ServiceInstance>>>> watch) {
		this.service = service;
		this.watch = watch;
	}

	@Override
	public String service() {
		return this.service;
	}

	@Override
	public List<ServiceInstance> instances() {
		return only(watched().get());
	}

	private List<ServiceInstance> only(Optional<Map<String, List<ServiceInstance>>> services) {
		return services.map((all) -> all.get(this.service)).orElse(List.of());
	}

	private WatchedValue<Map<String, List<ServiceInstance>>> watched() {
		WatchedValue<Map<String, List<ServiceInstance>>> begun = this.watched;
		if (begun == null) {
			synchronized (this.guard) {
				begun = this.watched;
				if (begun == null) {
					begun = this.watch.get();
					this.watched = begun;
				}
			}
		}
		return begun;
	}

	@Override
	public Optional<ServiceInstance> choose() {
		return choose(this.inTurn);
	}

	@Override
	public Optional<ServiceInstance> choose(InstanceChooser chooser) {
		List<ServiceInstance> there = instances();
		return there.isEmpty() ? Optional.empty() : Optional.of(chooser.choose(there));
	}

	@Override
	public void onChange(Consumer<List<ServiceInstance>> listener) {
		watched().onChange((services) -> listener.accept(only(services)));
	}

}
