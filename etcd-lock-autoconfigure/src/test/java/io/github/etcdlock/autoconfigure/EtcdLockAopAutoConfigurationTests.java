package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.aop.DistributedLockAdvisor;
import io.github.etcdlock.aop.RecordingLockTemplate;
import io.github.etcdlock.docs.ErrorTable;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

import static org.assertj.core.api.Assertions.assertThat;

/** Which beans are locked, and what the lock is inside and outside of. */
class EtcdLockAopAutoConfigurationTests {

	private final RecordingLockTemplate template = new RecordingLockTemplate();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, EtcdLockAopAutoConfiguration.class))
		.withBean(LockTemplate.class, () -> this.template);

	@Test
	void annotatedBeansAreLocked() {
		this.runner.withBean(Shop.class).run((context) -> {
			Shop shop = context.getBean(Shop.class);
			assertThat(AopUtils.isCglibProxy(shop)).isTrue();
			shop.sell("pen");
			assertThat(this.template.keys()).containsExactly("shop:pen");
		});
	}

	@Test
	void switchingSpringAopOffDoesNotSwitchLocksOff() {
		this.runner.withPropertyValues("spring.aop.auto=false").withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).sell("pen");
			assertThat(this.template.keys()).containsExactly("shop:pen");
		});
	}

	@Test
	void aspectjIsOptional() {
		this.runner.withClassLoader(new FilteredClassLoader("org.aspectj")).withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).sell("pen");
			assertThat(this.template.keys()).containsExactly("shop:pen");
		});
	}

	@Test
	void interfaceProxiesAreUsedWhereTheApplicationWantsThem() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("counter", Counting.class, Counter::new)
			.run((context) -> {
				Counting counter = context.getBean(Counting.class);
				assertThat(AopUtils.isJdkDynamicProxy(counter)).isTrue();
				counter.count();
				assertThat(this.template.keys()).containsExactly("count");
			});
	}

	@Test
	void annotationCanBeSwitchedOff() {
		this.runner.withPropertyValues("etcd-lock.aop.enabled=false").withBean(Shop.class).run((context) -> {
			assertThat(context).doesNotHaveBean(DistributedLockAdvisor.class);
			context.getBean(Shop.class).sell("pen");
			assertThat(this.template.requests()).isEmpty();
		});
	}

	@Test
	void templateIsNotMadeBeforeTheFirstCall() {
		boolean[] made = new boolean[1];
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(EtcdLockAopAutoConfiguration.class))
			.withBean(Shop.class)
			.withBean("template", LockTemplate.class, () -> {
				made[0] = true;
				return this.template;
			}, (definition) -> definition.setLazyInit(true))
			.run((context) -> {
				assertThat(made[0]).isFalse();
				context.getBean(Shop.class).sell("pen");
				assertThat(made[0]).isTrue();
			});
	}

	@Test
	void mistakeFailsTheStartUpWithBeanMethodAndCure() {
		this.runner.withBean("wrong", Wrong.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.satisfies((root) -> assertThat(context.getStartupFailure())
					.hasStackTraceContaining("Error creating bean with name 'wrong'")
					.hasStackTraceContaining("@DistributedLock on " + Wrong.class.getName()
							+ ".run(String) (bean 'wrong'): #id stands outside of braces")));
	}

	@Test
	void mistakeIsAnalyzed() {
		this.runner.withBean("wrong", Wrong.class).run((context) -> {
			var analysis = new LockDefinitionFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).contains("(bean 'wrong'): #id stands outside of braces");
			assertThat(analysis.getAction()).startsWith("Write #{#id}");
		});
	}

	@Test
	void beansInExpressionsAreForThoseWhoAllowThem() {
		this.runner.withPropertyValues("etcd-lock.aop.bean-references=true")
			.withBean("tenants", Tenants.class)
			.withBean(Tenanted.class)
			.run((context) -> {
				context.getBean(Tenanted.class).run();
				assertThat(this.template.keys()).containsExactly("acme/report");
			});
	}

	@Test
	void productsOfFactoriesAreLocked() {
		this.runner.withBean(CounterFactory.class).run((context) -> {
			context.getBean(Counting.class).count();
			assertThat(this.template.keys()).containsExactly("count");
		});
	}

	@Test
	void scopedAndLazyBeansAreLockedOnce() {
		this.runner.withUserConfiguration(ScopedBeans.class).run((context) -> {
			context.getBean(ScopedBeans.class).shop.sell("pen");
			context.getBean("scoped", Shop.class).sell("cap");
			assertThat(this.template.keys()).containsExactly("shop:pen", "shop:cap");
		});
	}

	@Test
	void wrongBeanIsNamedWithItsCure() {
		ApplicationContextRunner withBeans = this.runner.withPropertyValues("etcd-lock.aop.bean-references=true");
		ErrorTable.check("Beans",
				Map.of("is needed by a bean post processor",
						starting(this.runner.withUserConfiguration(EarlyBeans.class)), "names a bean that there is not",
						starting(withBeans.withBean("tenanted", Tenanted.class)),
						"names a bean without `etcd-lock.aop.bean-references=true`",
						starting(this.runner.withBean("tenanted", Tenanted.class))));
	}

	private static ThrowingCallable starting(ApplicationContextRunner runner) {
		return () -> runner.run((context) -> {
			throw context.getStartupFailure();
		});
	}

	@Test
	void lockIsOutsideOfTheTransaction() {
		Log log = new Log(this.template);
		this.runner.withUserConfiguration(Transactions.class)
			.withBean(Log.class, () -> log)
			.withBean(Bank.class)
			.run((context) -> {
				context.getBean(Bank.class).transfer();
				assertThat(log.lines).containsExactly("begin locked", "transfer locked", "commit locked");
			});
	}

	@Test
	void orderMovesTheLock() {
		Log log = new Log(this.template);
		this.runner.withPropertyValues("etcd-lock.aop.order=2147483647")
			.withUserConfiguration(Transactions.class, Audit.class)
			.withBean(Log.class, () -> log)
			.withBean(Bank.class)
			.run((context) -> {
				assertThat(context.getBean(DistributedLockAdvisor.class).getOrder())
					.isEqualTo(Ordered.LOWEST_PRECEDENCE);
				context.getBean(Bank.class).transfer();
				assertThat(log.lines).startsWith("audit unlocked");
			});
		log.lines.clear();
		this.runner.withPropertyValues("etcd-lock.aop.order=0")
			.withUserConfiguration(Transactions.class, Audit.class)
			.withBean(Log.class, () -> log)
			.withBean(Bank.class)
			.run((context) -> {
				context.getBean(Bank.class).transfer();
				assertThat(log.lines).startsWith("audit locked");
			});
	}

	@Test
	void lockIsOutsideOfTheCache() {
		this.runner.withUserConfiguration(Caching.class).withBean(Prices.class).run((context) -> {
			Prices prices = context.getBean(Prices.class);
			assertThat(prices.of("pen")).isEqualTo(prices.of("pen"));
			assertThat(this.template.keys()).containsExactly("price:pen", "price:pen");
		});
	}

	@Test
	void lockIsInsideOfAsync() {
		this.runner.withUserConfiguration(Asynchronous.class)
			.withBean("taskExecutor", SimpleAsyncTaskExecutor.class, () -> new SimpleAsyncTaskExecutor("async-"))
			.withBean(Mailer.class, () -> new Mailer(this.template))
			.run((context) -> {
				CompletableFuture<String> sent = context.getBean(Mailer.class).send();
				assertThat(sent.get()).startsWith("async-").endsWith("locked");
				assertThat(this.template.keys()).containsExactly("mail");
				assertThat(this.template.isIdle()).isTrue();
			});
	}

	@Test
	void eachAttemptOfARetryTakesTheLockAnew() {
		this.runner.withUserConfiguration(Resilient.class).withBean(Flaky.class).run((context) -> {
			assertThat(context.getBean(Flaky.class).call()).isEqualTo("attempt 3");
			assertThat(this.template.keys()).containsExactly("flaky", "flaky", "flaky");
			assertThat(this.template.isIdle()).isTrue();
		});
	}

	/** Public for its proxy, which a class loader of the tests' own makes. */
	public static class Shop {

		@DistributedLock("shop:#{#item}")
		public void sell(String item) {
		}

	}

	interface Counting {

		@DistributedLock("count")
		void count();

	}

	static class Counter implements Counting {

		@Override
		public void count() {
		}

	}

	static class CounterFactory implements FactoryBean<Counting> {

		@Override
		public Counting getObject() {
			return new Counter();
		}

		@Override
		public Class<?> getObjectType() {
			return Counting.class;
		}

	}

	static class Wrong {

		@DistributedLock("#id")
		public void run(String id) {
		}

	}

	static class Tenants {

		public String getCurrent() {
			return "acme";
		}

	}

	static class Tenanted {

		@DistributedLock("#{@tenants.current}/report")
		public void run() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedBeans {

		@Autowired
		@Lazy
		private Shop shop;

		@Bean
		@Lazy
		@Primary
		Shop lazy() {
			return new Shop();
		}

		@Bean
		@Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
		Shop scoped() {
			return new Shop();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyBeans {

		@Bean
		Shop shop() {
			return new Shop();
		}

		@Bean
		static EarlyProcessor needsTheShop(Shop shop) {
			return new EarlyProcessor(shop);
		}

	}

	record EarlyProcessor(Shop shop) implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return 0;
		}

	}

	/** What happened, and whether the lock was held then. */
	static class Log {

		final List<String> lines = new CopyOnWriteArrayList<>();

		private final RecordingLockTemplate template;

		Log(RecordingLockTemplate template) {
			this.template = template;
		}

		void add(String what) {
			this.lines.add(what + (this.template.current().isPresent() ? " locked" : " unlocked"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class Transactions {

		@Bean
		LoggingTransactions transactionManager(Log log) {
			return new LoggingTransactions(log);
		}

	}

	@SuppressWarnings("serial")
	static class LoggingTransactions extends AbstractPlatformTransactionManager {

		private final transient Log log;

		LoggingTransactions(Log log) {
			this.log = log;
		}

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.log.add("begin");
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			this.log.add("commit");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			this.log.add("rollback");
		}

	}

	static class Bank {

		private final Log log;

		Bank(Log log) {
			this.log = log;
		}

		@Transactional
		@DistributedLock("bank")
		public void transfer() {
			this.log.add("transfer");
		}

	}

	@Aspect
	@Order(1000)
	static class Audit {

		private final Log log;

		Audit(Log log) {
			this.log = log;
		}

		@Around("execution(* *..Bank.transfer(..))")
		Object audit(ProceedingJoinPoint call) throws Throwable {
			this.log.add("audit");
			return call.proceed();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching
	static class Caching {

		@Bean
		ConcurrentMapCacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

	static class Prices {

		private int calls;

		@Cacheable("prices")
		@DistributedLock("price:#{#item}")
		public String of(String item) {
			return item + " " + (++this.calls);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class Asynchronous {

	}

	static class Mailer {

		private final RecordingLockTemplate template;

		Mailer(RecordingLockTemplate template) {
			this.template = template;
		}

		@Async
		@DistributedLock("mail")
		public CompletableFuture<String> send() {
			return CompletableFuture
				.completedFuture(Thread.currentThread().getName() + (this.template.isIdle() ? " unlocked" : " locked"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods
	static class Resilient {

	}

	static class Flaky {

		private int attempts;

		@Retryable(maxRetries = 3, delay = 1)
		@DistributedLock("flaky")
		public String call() {
			if (++this.attempts < 3) {
				throw new IllegalArgumentException("not yet");
			}
			return "attempt " + this.attempts;
		}

	}

}
