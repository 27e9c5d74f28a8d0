package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.ServiceInstance;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.test.EtcdContents;
import io.github.etcdlock.test.EtcdExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Keys as an attacker would choose them, on a real etcd. */
class InjectionTests {

	private static final List<String> KEYS = List.of("a", "a/", "a/b", "a%2Fb", "a%252Fb", "/a", "../a", "..", ".",
			".sessions", ".sessions/", ".ended", ".queues/jobs", "%2Esessions", "a\0", "a\0b", "%00", "*", "a b",
			"\u00e9", "e\u0301", "A", "\ud83d\udd12", "a\n");

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final Outsider outsider = new Outsider(etcd.endpoint());

	private final LeaseManager manager = this.managers.start();

	@Test
	void everyKeyIsALockOfItsOwnAndItsReleaseTouchesNoOther() throws Exception {
		LockTemplate locks = this.manager.lockTemplate();
		LockTemplate others = this.managers.template();
		String foreign = this.managers.prefix() + "/.queues/jobs/1";
		this.outsider.put(foreign);
		List<LockHandle> held = new ArrayList<>();
		for (String key : KEYS) {
			held.add(locks.acquire(key));
		}
		for (LockHandle lock : held) {
			List<String> line = this.managers.queued(lock.keys().get(0)).stream().map((key) -> key.name()).toList();
			assertThat(line).isEqualTo(lock.ownershipKeys());
		}
		while (!held.isEmpty()) {
			held.remove(0).close();
			for (LockHandle lock : held) {
				assertThat(others.tryAcquire(lock.keys().get(0))).isEmpty();
			}
		}
		assertThat(etcd.cluster().contents().under(this.managers.prefix()))
			.extracting((key) -> key.name().replaceFirst("sessions/.*", "sessions"))
			.containsOnly(foreign, this.managers.prefix() + "/.sessions");
		this.outsider.delete(foreign);
	}

	@Test
	void everyNameIsARecipeOfItsOwnAndItsEndTouchesNoOther() throws Exception {
		EtcdRecipes recipes = this.manager.recipes(Managers.TEXT);
		EtcdRecipes others = this.managers.start().recipes(Managers.TEXT);
		String foreign = this.managers.prefix() + "/.queues/";
		this.outsider.put(foreign);
		List<LockHandle> terms = new ArrayList<>();
		List<ServiceRegistration> instances = new ArrayList<>();
		for (String name : KEYS) {
			terms.add(recipes.election(name).campaign("leader of " + name));
			recipes.queue(name, String.class).offerAll(List.of("1st of " + name, "2nd of " + name));
			recipes.counter(name).addAndGet(KEYS.indexOf(name) + 1);
			instances.add(recipes.registry().register(ServiceInstance.of(name, "host", KEYS.indexOf(name) + 1)));
		}
		while (!terms.isEmpty()) {
			String ended = KEYS.get(KEYS.size() - terms.size());
			terms.remove(0).close();
			instances.remove(0).close();
			assertThat(recipes.queue(ended, String.class).drain(5)).containsExactly("1st of " + ended,
					"2nd of " + ended);
			assertThat(others.election(ended).leader()).isEmpty();
			for (String name : KEYS.subList(KEYS.size() - terms.size(), KEYS.size())) {
				assertThat(others.election(name).leader()).contains("leader of " + name);
				assertThat(others.queue(name, String.class).size()).isEqualTo(2);
			}
		}
		for (String name : KEYS) {
			assertThat(others.counter(name).get()).isEqualTo(KEYS.indexOf(name) + 1);
		}
		assertThat(recipes.registry().services()).isEmpty();
		assertThat(etcd.cluster().contents().under(foreign)).extracting(EtcdContents.Key::name)
			.containsExactly(foreign);
		this.outsider.delete(foreign);
	}

	@Test
	void nobodyCanHaveAnythingButALockRevoked() throws Exception {
		String foreign = "/foreign" + this.managers.prefix() + "/1-1";
		String tombstone = this.managers.prefix() + "/.ended/1-1";
		for (String key : List.of(foreign, tombstone)) {
			long revision = this.outsider.put(key);
			assertThatIllegalArgumentException().isThrownBy(() -> this.manager.forceRelease(key, revision))
				.withMessageContaining("Not an ownership key");
			assertThatIllegalArgumentException().isThrownBy(() -> this.manager.requestRevocation(key, revision))
				.withMessageContaining("LockHandle.ownershipKeys()");
			assertThat(etcd.cluster().contents().under(key)).hasSize(1);
			this.outsider.delete(key);
		}
	}

}
