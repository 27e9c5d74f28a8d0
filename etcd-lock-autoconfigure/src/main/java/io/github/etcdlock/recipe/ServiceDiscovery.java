package io.github.etcdlock.recipe;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The instances of one service, as a local copy that a watch keeps current: to ask costs
 * nothing. The first question begins the watch, which stays. While etcd cannot be reached
 * the copy stays as it was. Safe for use by many threads.
 */
public interface ServiceDiscovery {

	/**
	 * The name of the service.
	 * @return the name
	 */
	String service();

	/**
	 * The instances that are registered, in a stable order.
	 * @return the instances, none if there are none
	 * @throws io.github.etcdlock.LockUnavailableException if etcd could not be reached at
	 * the first question
	 */
	List<ServiceInstance> instances();

	/**
	 * Chooses an instance, each in its turn.
	 * @return an instance, or empty when there is none
	 */
	Optional<ServiceInstance> choose();

	/**
	 * Chooses an instance.
	 * @param chooser how
	 * @return an instance, or empty when there is none
	 */
	Optional<ServiceInstance> choose(InstanceChooser chooser);

	/**
	 * Tells a listener the present instances, and then each change, in order and one at a
	 * time, on a thread of the library's own; it should be brief.
	 * @param listener who is told
	 */
	void onChange(Consumer<List<ServiceInstance>> listener);

}
