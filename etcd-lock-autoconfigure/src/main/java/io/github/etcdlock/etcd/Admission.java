package io.github.etcdlock.etcd;

import java.util.Collection;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockMode;

/**
 * Who is let in beside whom. Everything that is waited for in a line is the same wait
 * under another of these rules: what a key says of itself, which keys ahead of it count,
 * and how many of those there may be. What is deleted ahead never makes it worse, and
 * what comes later stands behind; so who was let in once stays so. Rules are values: two
 * that are equal may stand in for each other.
 */
interface Admission {

	/** How a handle shows it. */
	LockMode mode();

	/** What a key under this rule says. */
	ByteString value();

	/** Whether a key ahead that says this counts. */
	boolean minds(ByteString value);

	/** Whether it is let in behind those ahead that count. */
	boolean admitted(Collection<ByteString> ahead);

	/** Whether any key counts, so that what they say need not be read. */
	default boolean mindsAll() {
		return false;
	}

	/**
	 * Whether this process may ask for the next while this one is being asked for or
	 * ended: neither keeps the other waiting only for being there.
	 */
	default boolean beside(Admission next) {
		return false;
	}

	/** Whether a thread of this process can hand it to the next without a write. */
	default boolean passes() {
		return false;
	}

	/** Whether threads of this process can hold one key together. */
	default boolean shares() {
		return false;
	}

	/** Whether a key that counts may come to say something else, and not count then. */
	default boolean changes() {
		return false;
	}

	/** Whether the guard of a single put can tell if so many lines are free. */
	default boolean told(int lines) {
		return true;
	}

}
