package io.github.etcdlock.recipe;

import java.util.Optional;

/**
 * An item that is not delivered any more.
 *
 * @param <T> the type of the value
 * @param id the id of the item
 * @param value the value, or empty if it cannot be read
 * @param stored what is stored
 * @param reason why it is not delivered
 * @param deliveries how often it was
 */
public record DeadLetter<T>(String id, Optional<T> value, byte[] stored, String reason, int deliveries) {
}
