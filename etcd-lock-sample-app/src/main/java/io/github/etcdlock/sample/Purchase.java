package io.github.etcdlock.sample;

/**
 * What a buyer wants.
 *
 * @param item what to buy
 * @param buyer who buys
 * @param workMillis how long the work takes that a shop does for it: a payment, a call to
 * the warehouse
 */
public record Purchase(String item, String buyer, int workMillis) {
}
