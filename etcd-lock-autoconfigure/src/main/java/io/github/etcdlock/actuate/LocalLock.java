package io.github.etcdlock.actuate;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A lock that this instance holds or waits for.
 *
 * @param keys its keys
 * @param name its name, or null
 * @param mode exclusive or shared
 * @param held whether it is held
 * @param token the fencing token, or null while it is waited for
 * @param millis for how long, in milliseconds
 * @param thread the thread that asked for it
 */
public record LocalLock(List<String> keys, @Nullable String name, String mode, boolean held, @Nullable Long token,
		long millis, String thread) {

}
