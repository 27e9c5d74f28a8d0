package io.github.etcdlock.etcd;

import java.util.function.Predicate;

import com.google.protobuf.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many permits a semaphore has, as this process is configured, and what keys in its
 * line say: how many they take, and of how many. Whoever is configured differently is
 * noticed here, and named in the log once.
 */
final class SemaphoreSize {

	private static final Logger logger = LoggerFactory.getLogger(SemaphoreSize.class);

	/** What one key takes, and of how many permits its process knows. */
	record Taken(long permits, long size) {
	}

	/** A key that says nothing we know takes everything. */
	private static final Taken ALL = new Taken(Integer.MAX_VALUE, Integer.MAX_VALUE);

	private final String semaphore;

	private final int permits;

	private final Predicate<String> news;

	/**
	 * Describes a semaphore.
	 * @param semaphore its name, for messages
	 * @param permits how many it has
	 * @param news whether a message is said for the first time
	 */
	SemaphoreSize(String semaphore, int permits, Predicate<String> news) {
		this.semaphore = semaphore;
		this.permits = permits;
		this.news = news;
	}

	int permits() {
		return this.permits;
	}

	ByteString value(int weight) {
		return ByteString.copyFromUtf8(weight + "/" + this.permits);
	}

	Taken read(ByteString value) {
		String text = value.toStringUtf8();
		if (!text.matches("[1-9][0-9]{0,9}/[1-9][0-9]{0,9}")) {
			return ALL;
		}
		int slash = text.indexOf('/');
		Taken taken = new Taken(Long.parseLong(text.substring(0, slash)), Long.parseLong(text.substring(slash + 1)));
		if (taken.size() != this.permits) {
			differs(taken.size());
		}
		return taken;
	}

	private void differs(long size) {
		String what = "The " + this.semaphore + " has " + this.permits + " permits here and " + size
				+ " in another process";
		if (this.news.test(what)) {
			logger.warn("{}. While both are in line the smaller number counts: configure the same number everywhere",
					what);
		}
	}

}
