/**
 * Support for tests on a real etcd: members and JVMs to kill and pause, links to break.
 */
@NullMarked
package io.github.etcdlock.test;

import org.jspecify.annotations.NullMarked;
