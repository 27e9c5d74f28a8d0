package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;

import io.github.etcdlock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * One lock as etcd has it: who holds it and who waits, in order.
 *
 * @param key the lock's key
 * @param places the places in its line
 */
public record LockLine(String key, List<Place> places) {

	/**
	 * One place in the line of a lock.
	 *
	 * @param ownershipKey the etcd key
	 * @param revision its create revision
	 * @param token the fencing token that its first holder has or will have; threads of
	 * the same process that follow in the same turn have the next ones
	 * @param mode exclusive, or shared
	 * @param held whether nobody is in its way
	 * @param lease the lease it hangs on, in hexadecimal digits
	 * @param ttlLeft how long the lease lives unless it is renewed, or null if that is
	 * not known
	 * @param owner the process, or null if it does not say: a program of Go, say
	 */
	public record Place(String ownershipKey, long revision, long token, LockMode mode, boolean held, String lease,
			@Nullable Duration ttlLeft, @Nullable LockOwner owner) {

	}

}
