package io.github.etcdlock.autoconfigure;

/** Where this application serves. */
interface ServicePort {

	/** Zero if it does not serve any. */
	int port();

	/** Whether it wants TLS there. */
	boolean secure();

}
