package io.github.etcdlock.docs;

import java.util.function.LongSupplier;

import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.EtcdRecipes;

class Invoices {

	private final DistributedCounter counter;

	private final LongSupplier numbers;

	Invoices(EtcdRecipes recipes) {
		this.counter = recipes.counter("invoices");
		this.numbers = recipes.counter("invoice-numbers").ids(100);
	}

	long issued() {
		return this.counter.addAndGet(1);
	}

	long nextNumber() {
		return this.numbers.getAsLong();
	}

}
