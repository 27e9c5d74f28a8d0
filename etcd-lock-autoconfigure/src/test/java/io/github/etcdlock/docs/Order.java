package io.github.etcdlock.docs;

/** What the {@link Shipping} of the README ships. */
record Order(String id) {

}
