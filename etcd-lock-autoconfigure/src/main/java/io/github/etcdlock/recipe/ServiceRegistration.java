package io.github.etcdlock.recipe;

/**
 * An instance that is registered until this is closed, or the process ends. Safe for use
 * by many threads.
 */
public interface ServiceRegistration extends AutoCloseable {

	/**
	 * What was registered.
	 * @return the instance
	 */
	ServiceInstance instance();

	/**
	 * Whether etcd has it, as far as this process can prove at this moment. Where it does
	 * not, the library keeps trying.
	 * @return true while others can see it
	 */
	boolean isRegistered();

	/**
	 * Takes it out. Returns when etcd has confirmed, or the request timeout has passed
	 * (the library then goes on trying in the background). Never throws; idempotent.
	 */
	@Override
	void close();

}
