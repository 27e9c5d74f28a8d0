/**
 * Makes beans of the properties under {@code etcd-lock}, and says in plain words why that
 * failed.
 */
@NullMarked
package io.github.etcdlock.autoconfigure;

import org.jspecify.annotations.NullMarked;
