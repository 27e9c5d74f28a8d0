package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.LockTemplate;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Adds something to the template that we make; a template of the application's own is its
 * own.
 */
@FunctionalInterface
interface LockTemplateDecorator {

	LockTemplate decorate(LockTemplate template);

	static LockTemplate decorate(LockTemplate template, ObjectProvider<LockTemplateDecorator> decorators) {
		LockTemplate decorated = template;
		for (LockTemplateDecorator decorator : decorators.orderedStream().toList()) {
			decorated = decorator.decorate(decorated);
		}
		return decorated;
	}

}
