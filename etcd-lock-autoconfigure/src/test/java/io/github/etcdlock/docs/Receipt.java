package io.github.etcdlock.docs;

/** What the buyer gets. */
record Receipt(Order order) {

}
