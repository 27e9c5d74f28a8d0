package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;

import io.github.etcdlock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * A lock that this process holds or waits for.
 *
 * @param keys its keys
 * @param name its name, or null
 * @param mode exclusive, or shared
 * @param held whether it is held
 * @param token the fencing token, or null while it is waited for
 * @param since for how long
 * @param thread the thread that asked for it
 * @param ownershipKeys its keys in etcd; none while it waits behind others of this
 * process
 */
public record LocalLock(List<String> keys, @Nullable String name, LockMode mode, boolean held, @Nullable Long token,
		Duration since, String thread, List<String> ownershipKeys) {

}
