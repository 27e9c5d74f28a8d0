package io.github.etcdlock.metrics;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What this process has to do with locks at one moment.
 *
 * @param held the locks it holds
 * @param waiting the requests that wait for one
 * @param active the sessions that are renewed in time
 * @param suspended the sessions whose renewal is overdue
 * @param untilExpiry how soon the first session ends unless it is renewed, or null where
 * there is none
 */
public record LockLoad(int held, int waiting, int active, int suspended, @Nullable Duration untilExpiry) {

}
