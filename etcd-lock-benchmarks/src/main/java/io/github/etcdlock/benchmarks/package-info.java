/**
 * Measures etcd-lock beside the limits of etcd and beside other lock libraries, in
 * interleaved runs on one machine.
 */
@NullMarked
package io.github.etcdlock.benchmarks;

import org.jspecify.annotations.NullMarked;
