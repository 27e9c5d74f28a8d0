package io.github.etcdlock.recipe;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.etcdlock.LockHandle;

/**
 * One leader among all who campaign, in the order in which they came. Leadership is a
 * {@link LockHandle}: it ends when that is closed, or lost; and its
 * {@link LockHandle#fencingToken() fencing token} is the term, greater with each leader.
 * Candidates who use {@code etcdctl elect} or Go's {@code Election} on the same name take
 * part. Safe for use by many threads.
 */
public interface LeaderElection {

	/**
	 * Waits to become the leader: until then, for there is no time after which it would
	 * be wrong to wait for a leader. Ends early when etcd cannot be reached.
	 * @param value what others are told of this leader
	 * @return the leadership
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	LockHandle campaign(String value) throws InterruptedException;

	/**
	 * Waits for some time to become the leader.
	 * @param value what others are told of this leader
	 * @param wait how long at most; zero tries once
	 * @return the leadership, or empty when another leads, or others wait
	 * @throws InterruptedException if the thread is interrupted while it waits
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	Optional<LockHandle> tryCampaign(String value, Duration wait) throws InterruptedException;

	/**
	 * Campaigns in the background from now on, and again whenever the leadership was
	 * lost, until the candidate is closed.
	 * @param value what others are told of this leader
	 * @param listener is told when it begins and ceases to lead
	 * @return the candidate
	 */
	Candidate stand(String value, LeadershipListener listener);

	/**
	 * Asks etcd who leads.
	 * @return what the leader says of itself, or empty when nobody leads
	 * @throws io.github.etcdlock.LockUnavailableException if etcd does not answer
	 */
	Optional<String> leader();

	/**
	 * Tells who leads: once at the beginning, and then each new leader, also one who says
	 * the same of itself as the one before. Leaders who came and went while etcd could
	 * not be reached are left out. Costs no requests but a watch, however many observe.
	 * @param onChange is told, in order, on a thread of the library's own
	 * @return what to close when nobody is to be told any more
	 */
	AutoCloseable observe(Consumer<Optional<String>> onChange);

}
