package io.github.etcdlock.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/** What a native image must know of ours, whatever the beans are. */
final class EtcdLockRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/github/etcdlock/guard/schema-*.sql");
		// What expressions see as #root.
		hints.reflection()
			.registerType(TypeReference.of("io.github.etcdlock.aop.CallRoot"), MemberCategory.INVOKE_PUBLIC_METHODS);
	}

}
