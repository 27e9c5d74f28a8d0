package io.github.etcdlock.recipe;

import java.util.List;
import java.util.Map;

/**
 * Where instances of services register, for as long as they live. Safe for use by many
 * threads.
 */
public interface ServiceRegistry {

	/**
	 * Registers an instance, until it is taken out or this process ends; at the shutdown
	 * it goes before anything else. It comes back by itself after a lost session, but not
	 * when somebody deletes its key. Returns when etcd has confirmed, or the request
	 * timeout has passed (the library then goes on trying in the background).
	 * @param instance the instance
	 * @return the registration
	 */
	ServiceRegistration register(ServiceInstance instance);

	/**
	 * Every instance of every service. The first call begins a watch, and later ones ask
	 * nobody.
	 * @return the instances by the names of their services
	 * @throws io.github.etcdlock.LockUnavailableException if etcd could not be reached at
	 * the first call
	 */
	Map<String, List<ServiceInstance>> services();

}
