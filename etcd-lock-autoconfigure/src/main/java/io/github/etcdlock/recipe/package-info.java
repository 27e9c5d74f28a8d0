/**
 * What else can be built on etcd: one interface per recipe, made by
 * {@link io.github.etcdlock.recipe.EtcdRecipes}.
 */
@NullMarked
package io.github.etcdlock.recipe;

import org.jspecify.annotations.NullMarked;
