package io.github.etcdlock.docs;

import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.DistributedLock;

/** Code of docs/weaving.md; that such methods are locked, WeavingTests show. */
class Imports {

	private final List<String> imported = new ArrayList<>();

	public void importAll(List<String> files) {
		// Each is locked, although the call comes from the same bean and the method is
		// private.
		files.forEach(this::importOne);
	}

	@DistributedLock("import:#{#file}")
	private void importOne(String file) {
		this.imported.add(file);
	}

}
