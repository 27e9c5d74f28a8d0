package io.github.etcdlock.event;

import io.github.etcdlock.LockHandle;

/**
 * This instance begins, or ceases, to lead in an election that a method marked with
 * {@link io.github.etcdlock.LeaderOnly} names. Published on a thread of the library's
 * own, in order; a listener that takes long keeps later events of this election waiting.
 *
 * @param election the name of the election
 * @param leads whether this instance leads from now on
 * @param leadership the leadership, whose fencing token is the term
 */
public record LeadershipEvent(String election, boolean leads, LockHandle leadership) {
}
