package io.github.etcdlock.recipe;

/**
 * A value as it was in etcd.
 *
 * @param <T> the type of the value
 * @param value the value
 * @param version how often the key was put since it was created
 * @param createRevision the revision that created the key
 * @param modRevision the revision that last changed it
 */
public record VersionedValue<T>(T value, long version, long createRevision, long modRevision) {
}
