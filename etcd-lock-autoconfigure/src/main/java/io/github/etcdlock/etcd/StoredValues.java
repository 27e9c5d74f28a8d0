package io.github.etcdlock.etcd;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import io.github.etcdlock.recipe.UnreadableValueException;
import org.jspecify.annotations.Nullable;

/**
 * The values of one queue, on their way to etcd and back.
 *
 * @param queue the queue, as messages show it
 * @param values how values are stored
 * @param type their type
 */
record StoredValues<T>(String queue, Values values, Class<T> type) {

	ByteString write(@Nullable T value) {
		if (value == null) {
			throw new IllegalArgumentException("The " + this.queue + " takes no null");
		}
		return this.values.write(value);
	}

	T read(ByteString stored) {
		try {
			return Objects.requireNonNull(this.values.read(stored, this.type), "it is null");
		}
		catch (RuntimeException ex) {
			throw new UnreadableValueException("A value of the " + this.queue + " (" + stored.size() + " bytes) is no "
					+ this.type.getName() + ": " + ex.getMessage(), stored.toByteArray(), ex);
		}
	}

	/**
	 * Waits for what etcd says to values.
	 * @param count how many they are
	 * @param bytes how large they are together
	 */
	boolean offered(Waits waits, int count, long bytes, Supplier<CompletableFuture<Boolean>> offer) {
		CompletableFuture<Boolean> outcome = offer.get();
		return waits.answer("put into the " + this.queue, outcome.handle((done, failure) -> {
			if (failure == null) {
				return done;
			}
			throw refusal(count, bytes, failure);
		}));
	}

	private RuntimeException refusal(int count, long bytes, Throwable failure) {
		if (failure instanceof EtcdFailure.Unanswered unanswered) {
			if (unanswered.failure().tooLarge()) {
				return new IllegalArgumentException("The " + this.queue + " cannot take "
						+ ((count == 1) ? "a value" : count + " values at once") + " of " + bytes
						+ " bytes: that is over etcd's limit for a request (--max-request-bytes, 1.5 MiB by "
						+ "default). Store large values elsewhere, and queue where they are", failure);
			}
			if (unanswered.failure().tooMany()) {
				return new IllegalArgumentException("The " + this.queue + " cannot take " + count
						+ " values at once: that is over etcd's limit for a transaction (--max-txn-ops, 128 by "
						+ "default). Offer them in parts", failure);
			}
		}
		return (failure instanceof RuntimeException known) ? known : new IllegalStateException(failure);
	}

}
