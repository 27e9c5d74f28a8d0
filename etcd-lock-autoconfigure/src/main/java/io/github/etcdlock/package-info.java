/**
 * What users write against: the annotation, the template, requests, handles, listeners
 * and exceptions.
 */
@NullMarked
package io.github.etcdlock;

import org.jspecify.annotations.NullMarked;
