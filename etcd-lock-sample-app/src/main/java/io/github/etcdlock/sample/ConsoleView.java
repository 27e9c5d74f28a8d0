package io.github.etcdlock.sample;

import java.util.List;

import io.github.etcdlock.actuate.LockLine;
import org.jspecify.annotations.Nullable;

/**
 * What is in etcd, for the console.
 *
 * @param members the members of etcd
 * @param locks the locks, with their lines
 * @param more whether there are more locks than these
 * @param sessions the sessions of all processes
 * @param queues the queues
 * @param services the instances of all services
 * @param cut whether there are more sessions or items in queues than were looked at
 */
record ConsoleView(List<EtcdStatus.Member> members, List<LockLine> locks, boolean more, List<Session> sessions,
		List<Queue> queues, List<Service> services, boolean cut) {

	/**
	 * A session: a lease that a process renews.
	 *
	 * @param lease the lease, as etcdctl shows it
	 * @param ttlLeft the seconds it has left
	 * @param ttl the seconds it was granted
	 * @param keys how many keys hang on it
	 * @param owner the process, or null if it does not say
	 */
	record Session(String lease, long ttlLeft, long ttl, int keys, LockLine.@Nullable Owner owner) {
	}

	/**
	 * A queue.
	 *
	 * @param name its name
	 * @param depth how many items are ready, delayed or worked on
	 * @param claimed how many of them somebody works on
	 * @param dead how many items nobody could do
	 */
	record Queue(String name, int depth, int claimed, int dead) {
	}

	/**
	 * An instance of a service.
	 *
	 * @param service the service
	 * @param id which instance
	 * @param url where it is reached
	 */
	record Service(String service, String id, String url) {
	}

}
