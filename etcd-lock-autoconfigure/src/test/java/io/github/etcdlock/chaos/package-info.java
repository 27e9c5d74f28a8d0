/**
 * Breaks processes, links and etcd under load, and checks what locks promise meanwhile.
 */
@NullMarked
package io.github.etcdlock.chaos;

import org.jspecify.annotations.NullMarked;
