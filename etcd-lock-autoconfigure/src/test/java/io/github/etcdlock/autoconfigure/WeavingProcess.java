package io.github.etcdlock.autoconfigure;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import org.awaitility.Awaitility;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * An application in a JVM with AspectJ's weaver. Prints what each call of a method found
 * locked, and why contexts did not start.
 */
final class WeavingProcess {

	private final ApplicationContextRunner runner;

	private final List<String> asked = new CopyOnWriteArrayList<>();

	private WeavingProcess(String endpoint, String prefix) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class,
							EtcdRecipesAutoConfiguration.class, EtcdLeaderAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + endpoint, "etcd-lock.key-prefix=" + prefix,
					"etcd-lock.request-timeout=10s")
			.withBean(LockTemplateDecorator.class, () -> this::recorded);
	}

	public static void main(String[] arguments) {
		WeavingProcess process = new WeavingProcess(arguments[0], arguments[1]);
		process.callInAspectj();
		process.startWhatCannot();
		process.callInProxy();
		System.out.println("done");
		System.exit(0);
	}

	/** What an advice asks for, at once and not when a listener is told. */
	private LockTemplate recorded(LockTemplate locks) {
		return (LockTemplate) Proxy.newProxyInstance(LockTemplate.class.getClassLoader(),
				new Class<?>[] { LockTemplate.class }, (proxy, method, arguments) -> {
					if (arguments != null && arguments[0] instanceof LockRequest request) {
						this.asked.addAll(request.keys());
					}
					try {
						return method.invoke(locks, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	private ApplicationContextRunner woven() {
		return this.runner.withPropertyValues("etcd-lock.aop.mode=aspectj");
	}

	private void callInAspectj() {
		Woven[] last = new Woven[1];
		woven().withBean(Woven.class).withBean(Woven.Whole.class).run((context) -> {
			Woven bean = context.getBean(Woven.class);
			last[0] = bean;
			calls(context).forEach((name, call) -> call(name, call));
			System.out.println("proxy: " + (bean.getClass() != Woven.class));
			System.out.println("in a class: " + context.getBean(Woven.Whole.class).heldIn());
			System.out.println("proxied classes: " + proxied(context.getBean(Woven.Whole.class)));
			System.out.println("no bean: " + new Woven(context.getBean(LockTemplate.class)).open());
			start("beside", this.runner);
			start("woven beside", woven());
		});
		call("closed", last[0]::open);
	}

	private static Map<String, Call> calls(AssertableApplicationContext context) {
		Woven bean = context.getBean(Woven.class);
		Map<String, Call> calls = new TreeMap<>();
		calls.put("open", bean::open);
		calls.put("itself", bean::callItself);
		calls.put("private", bean::callPrivate);
		calls.put("final", bean::callFinal);
		calls.put("composed", bean::composed);
		calls.put("token", () -> bean.token("t", 0, null));
		calls.put("generic", () -> bean.generic("g"));
		calls.put("fallback", bean::refused);
		calls.put("stage", () -> bean.stage().join());
		calls.put("publisher", () -> bean.publisher().block() + " and " + bean.publisher().block());
		calls.put("leader", () -> Awaitility.await().until(bean::leading, Objects::nonNull));
		calls.put("checked", bean::fails);
		return calls;
	}

	/** A proxy of the class inherits its annotation. */
	private String proxied(Woven.Whole bean) {
		ProxyFactory factory = new ProxyFactory(bean);
		factory.setProxyTargetClass(true);
		this.asked.clear();
		((Woven.Whole) factory.getProxy()).staged().join();
		return this.asked.toString();
	}

	private void call(String name, Call call) {
		this.asked.clear();
		String outcome;
		try {
			outcome = call.run();
		}
		catch (Exception ex) {
			outcome = ex.toString();
		}
		System.out.println(name + ": " + outcome + " " + this.asked);
	}

	private void startWhatCannot() {
		start("interface", woven().withBean(Unseen.OnInterface.class));
		start("two levels", woven().withBean(Unseen.TwoLevels.class));
		start("inherited", woven().withBean(Unseen.Overriding.class));
		start("left out", woven().withBean(Unseen.LeftOut.class));
		start("static", woven().withBean(Unseen.Static.class));
		start("suspending", woven().withBean(Unseen.Suspending.class));
		start("leader", woven().withBean(Unseen.Leading.class));
		start("functional", woven().withBean(Unseen.Job.class, () -> () -> {
		}));
		start("good", woven().withBean(Woven.Whole.class));
	}

	private void callInProxy() {
		this.runner.withBean(Woven.Whole.class).withBean(Unseen.OnInterface.class).run((context) -> {
			Woven.Whole bean = context.getBean(Woven.Whole.class);
			call("through a proxy", bean::heldIn);
			call("past the proxy", bean::callItself);
			start("proxy beside a proxy", this.runner);
			start("woven beside a proxy", woven());
		});
	}

	private static void start(String name, ApplicationContextRunner runner) {
		Consumer<AssertableApplicationContext> outcome = (context) -> {
			Throwable failure = context.getStartupFailure();
			while (failure != null && failure.getCause() != null && !isOurs(failure)) {
				failure = failure.getCause();
			}
			System.out.println("start " + name + ": " + ((failure != null) ? failure.getMessage() : "started"));
		};
		runner.run(outcome::accept);
	}

	private static boolean isOurs(Throwable failure) {
		return failure.getClass().getName().startsWith("io.github.etcdlock") || failure.getMessage().startsWith("@");
	}

	interface Call {

		String run() throws Exception;

	}

}
