package io.github.etcdlock.docs;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdRecipesAutoConfiguration;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.ServiceRegistration;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/** What {@code docs/recipes.md} shows does what it says. */
class RecipeGuideTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static void run(Consumer<ApplicationContext> guide) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdRecipesAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
					"etcd-lock.request-timeout=10s")
			.run(guide::accept);
	}

	@Test
	void limitIsRaisedAndWatched() {
		run((context) -> {
			EtcdRecipes recipes = context.getBean(EtcdRecipes.class);
			EtcdKey<Integer> limit = EtcdKey.of("/shop/limit", Integer.class);
			recipes.transactions()
				.commit(EtcdTransaction.when()
					.then(limit.put(5), EtcdKey.of("/shop/flags/sale", String.class).put("on")));
			KeyTransactions shop = new KeyTransactions(recipes);
			try (Limits limits = new Limits(recipes); LockHandle lock = acquire(context)) {
				assertThat(limits.limit()).isEqualTo(5);
				assertThat(limits.isOn("sale")).isTrue();
				assertThat(limits.isOn("other")).isFalse();
				assertThat(shop.raise(4, 6, "me")).isFalse();
				assertThat(shop.raise(5, 6, "me")).isTrue();
				await().until(() -> limits.awaitRaise(6));
				assertThat(shop.writeAsHolder(lock, 7)).isTrue();
				await().until(() -> limits.seen().equals(Map.of("limit", 7)));
				lock.close();
				assertThat(shop.writeAsHolder(lock, 8)).isFalse();
			}
		});
	}

	private static LockHandle acquire(ApplicationContext context) {
		try {
			return context.getBean(LockTemplate.class).acquire("limit");
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void moneyIsMovedOnlyWhereThereIsSome() {
		run((context) -> {
			EtcdRecipes recipes = context.getBean(EtcdRecipes.class);
			EtcdKey<Long> alice = EtcdKey.of("/bank/alice", Long.class);
			EtcdKey<Long> bob = EtcdKey.of("/bank/bob", Long.class);
			recipes.transactions().commit(EtcdTransaction.when().then(alice.put(10L), bob.delete()));
			KeyTransactions bank = new KeyTransactions(recipes);
			bank.transfer(alice, bob, 7);
			assertThatIllegalStateException().isThrownBy(() -> bank.transfer(alice, bob, 7));
			long total = recipes.transactions()
				.run((memory) -> memory.get(alice).orElseThrow() + memory.get(bob).orElseThrow());
			assertThat(total).isEqualTo(10);
		});
	}

	@Test
	void carriersAreFound() {
		run((context) -> {
			Carriers carriers = new Carriers(context.getBean(EtcdRecipes.class));
			assertThat(carriers.next()).isEmpty();
			try (ServiceRegistration registration = carriers.register("fast", 8080)) {
				assertThat(registration.instance().metadata()).containsEntry("zone", "west");
				await().until(() -> carriers.next().isPresent());
				assertThat(carriers.of("alice")).contains(URI.create("http://fast:8080"));
			}
		});
	}

}
