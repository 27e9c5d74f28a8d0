package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.etcdlock.actuate.EtcdLocksEndpoint;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.etcd.InProcessLocks;
import io.github.etcdlock.integration.EtcdLockRegistry;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static java.util.Map.entry;

/** Every wrong call of Spring's own interfaces of docs/errors.md. */
class IntegrationErrorsTests {

	@AutoClose
	private final InProcessLocks locks = new InProcessLocks(Duration.ofSeconds(1), List.of());

	@Test
	void wrongCallIsNamedWithItsCure() {
		EtcdLockRegistry registry = new EtcdLockRegistry(this.locks.lockTemplate());
		EtcdLocksEndpoint endpoint = new EtcdLocksEndpoint(null, null);
		Duration wait = Duration.ZERO;
		Map<String, ThrowingCallable> calls = Map.ofEntries(entry("registry.obtain(null)", () -> registry.obtain(null)),
				entry("registry.obtain(42)", () -> registry.obtain(42)),
				entry("registry.obtain(\"a\").unlock()", () -> registry.obtain("a").unlock()),
				entry("registry.renewLock(\"a\")", () -> registry.renewLock("a")),
				entry("registry.obtain(\"a\").newCondition()", () -> registry.obtain("a").newCondition()),
				entry("registry.obtain(\"a\").tryLock(wait, Duration.ZERO)",
						() -> registry.obtain("a").tryLock(wait, Duration.ZERO)),
				entry("registry.obtain(\" \")", () -> registry.obtain(" ")),
				entry("endpoint.locks(null, null, 0)", () -> endpoint.locks(null, null, 0)),
				entry("endpoint.locks(null, null, 1001)", () -> endpoint.locks(null, null, 1001)),
				entry("endpoint.locks(\"\", null, null)", () -> endpoint.locks("", null, null)),
				entry("endpoint.locks(\"k\".repeat(513), null, null)",
						() -> endpoint.locks("k".repeat(513), null, null)),
				entry("endpoint.end(\"\", 1, true)", () -> endpoint.end("", 1, true)));
		ErrorTable.check("Integrations", calls);
	}

}
