package io.github.etcdlock.recipe;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method of a bean that works on the items of a {@link WorkQueue}. It is called
 * with one item at a time on each of its threads: with the value, or the {@link WorkItem}
 * of it, and, if it asks for it, the {@link io.github.etcdlock.LockHandle}. When it
 * returns, the item is acknowledged; when it throws, it is given back with a delay that
 * doubles from delivery to delivery. A method that has settled its {@code WorkItem}
 * itself is left alone. It is called from when the application has started until it
 * stops.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface QueueListener {

	/**
	 * The name of the queue; <code>${...}</code> is a property.
	 * @return the name
	 */
	String queue();

	/**
	 * How many items at a time, each on a thread of its own; a number or
	 * <code>${...}</code>.
	 * @return the number of threads
	 */
	String concurrency() default "1";

	/**
	 * How often an item is delivered before it becomes a dead letter; a number or
	 * <code>${...}</code>. A {@link WorkQueue} of the same name needs the same number.
	 * @return the number of deliveries
	 */
	String maxDeliveries() default "10";

	/**
	 * After which time an item on which the method failed first is delivered again, as in
	 * {@code 500ms} or {@code 2s}.
	 * @return the time
	 */
	String backoff() default "1s";

	/**
	 * The longest such time.
	 * @return the time
	 */
	String maxBackoff() default "5m";

}
