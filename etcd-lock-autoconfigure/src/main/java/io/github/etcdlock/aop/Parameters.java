package io.github.etcdlock.aop;

import java.lang.reflect.Method;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;

/** What expressions may call the parameters of a method. */
final class Parameters {

	private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

	private final Map<String, Integer> indexes = new HashMap<>();

	private final TreeSet<String> names = new TreeSet<>();

	private final Method method;

	private final HandedIn handedIn;

	/**
	 * The names of the method that runs, and of the one that carries the annotation,
	 * which may be an interface's with names of its own: where they disagree, the
	 * annotation is read beside its own.
	 */
	Parameters(Method method, @Nullable Method annotated) {
		this.method = method;
		this.handedIn = HandedIn.of(method);
		for (int i = 0; i < method.getParameterCount(); i++) {
			this.indexes.put("p" + i, i);
			this.indexes.put("a" + i, i);
		}
		addNames(method);
		if (annotated != null) {
			addNames(annotated);
		}
	}

	private void addNames(Method source) {
		@Nullable String[] found = NAMES.getParameterNames(source);
		if (found == null) {
			return;
		}
		for (int i = 0; i < found.length && i < this.method.getParameterCount(); i++) {
			if (found[i] != null) {
				this.indexes.put(found[i], i);
				this.names.add(found[i]);
			}
		}
	}

	Map<String, Integer> indexes() {
		return Collections.unmodifiableMap(this.indexes);
	}

	HandedIn handedIn() {
		return this.handedIn;
	}

	void check(String name) {
		Integer index = this.indexes.get(name);
		if (index != null) {
			checkKnownBefore(name, index);
			return;
		}
		int count = this.method.getParameterCount();
		if (count == 0) {
			throw new LockMistake("#" + name + " is not known, the method has no parameters",
					"Use text, a ${property} or #root.target");
		}
		if (this.names.isEmpty()) {
			throw new LockMistake(
					"#" + name + " is not known, because " + this.method.getDeclaringClass().getName()
							+ " was compiled without parameter names",
					"Compile it with -parameters, or use #p0 to #p" + (count - 1));
		}
		throw new LockMistake("#" + name + " is not known, the parameters are " + this.names,
				"Use one of these names, or #p0 to #p" + (count - 1));
	}

	private void checkKnownBefore(String name, int index) {
		if (this.handedIn.contains(index)) {
			throw new LockMistake("#" + name + " comes from the lock, and is not known before it is taken",
					"Use another parameter");
		}
	}

}
