/** Whether etcd can be asked for locks, for Spring Boot's health endpoint. */
@NullMarked
package io.github.etcdlock.health;

import org.jspecify.annotations.NullMarked;
