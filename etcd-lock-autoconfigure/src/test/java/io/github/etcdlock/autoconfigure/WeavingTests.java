package io.github.etcdlock.autoconfigure;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.aop.LockDefinitionException;
import io.github.etcdlock.aop.LockWeavingException;
import io.github.etcdlock.aop.RecordingLockTemplate;
import io.github.etcdlock.docs.ErrorTable;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.aspectj.weaver.loadtime.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Locks that AspectJ's weaver puts into classes, in JVMs that run it; and what this JVM
 * says, which does not.
 */
class WeavingTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static final String CONFIGURATION = "-Dorg.aspectj.weaver.loadtime.configuration=META-INF/aop.xml;"
			+ "weaving/aop.xml";

	private final RecordingLockTemplate template = new RecordingLockTemplate();

	private final ApplicationContextRunner unwoven = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EtcdLockAopAutoConfiguration.class))
		.withBean(LockTemplate.class, () -> this.template);

	@Test
	void wovenMethodsAreLockedHoweverTheyAreCalled() throws URISyntaxException {
		try (ChildJvm child = ChildJvm.start(List.of("-javaagent:" + jarOf(Agent.class), CONFIGURATION),
				WeavingProcess.class, etcd.endpoint(), etcd.freshPrefix())) {
			child.expect("done", Duration.ofMinutes(2));
			List<String> output = child.output();
			assertThat(output).contains("open: held [open] [open]", "itself: held [open] [open]",
					"private: held [private:x]x [private:x]", "final: held [final] [final]",
					"composed: held [once] [once]", "token: filled [token:t]", "fallback: instead [busy]",
					"generic: held [generic:g] [generic:g]", "stage: staged [stage]",
					"publisher: published and published [publisher, publisher]", "leader: held [led] [led]",
					"checked: java.io.IOException: as it is [fails]");
			assertThat(output).contains("proxy: false", "in a class: held [class]", "proxied classes: [class]",
					"no bean: held [open]");
			allContextsAreToldApart(output);
			whatCannotBeWovenIsNamedWithItsCure(output);
		}
	}

	private static void allContextsAreToldApart(List<String> output) {
		assertThat(output)
			.anyMatch((line) -> line.startsWith("start woven beside: ") && line.contains("cannot start beside"))
			.contains("start good: started", "start proxy beside a proxy: started");
		assertThat(output).as("the weaver is there, and proxies lock: once, and nothing else")
			.contains("through a proxy: held [class] [class]", "past the proxy: nothing held []");
	}

	private static void whatCannotBeWovenIsNamedWithItsCure(List<String> output) {
		ErrorTable.checkSaid("Weaving", Map.ofEntries(
				entry("the annotation is on the method of an interface", line(output, "start interface: ")),
				entry("the annotation is on a lambda's interface", line(output, "start functional: ")),
				entry("the annotation is on the method that is overridden", line(output, "start inherited: ")),
				entry("the annotation is two levels inside another", line(output, "start two levels: ")),
				entry("`aop.xml` leaves the class out", line(output, "start left out: ")),
				entry("the method is static", line(output, "start static: ")),
				entry("the method is a suspending function", line(output, "start suspending: ")),
				entry("another application context of the class loader is woven", line(output, "start beside: ")),
				entry("another application context of the class loader has proxies",
						line(output, "start woven beside a proxy: ")),
				entry("the application context is closed, and the method is called", line(output, "closed: "))));
		String unseen = Unseen.class.getName();
		assertThat(output).anyMatch((line) -> line.startsWith("start interface: @DistributedLock on " + unseen))
			.contains("start leader: @LeaderOnly on " + unseen + "$Leading.run(): there is no int to return where it "
					+ "does not run. Return void, an Optional, or a type that can be null.");
	}

	private static String line(List<String> output, String start) {
		return output.stream().filter((line) -> line.startsWith(start)).findFirst().orElse("nothing said");
	}

	@Test
	void missingWeaverStopsTheStart() {
		ApplicationContextRunner aspectj = this.unwoven.withPropertyValues("etcd-lock.aop.mode=AspectJ");
		aspectj.run((context) -> assertThat(context).getFailure()
			.isInstanceOf(LockWeavingException.class)
			.hasMessageContaining("The property etcd-lock.aop.mode = aspectj needs AspectJ's weaver, "
					+ "which does not run in this JVM")
			.hasMessageContaining("Start the JVM with -javaagent:aspectjweaver.jar"));
		aspectj.withClassLoader(new FilteredClassLoader("org.aspectj"))
			.run((context) -> assertThat(context).getFailure().isInstanceOf(LockWeavingException.class));
	}

	@Test
	void unknownModeStopsTheStart() {
		this.unwoven.withPropertyValues("etcd-lock.aop.mode=woven")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("woven"));
	}

	@Test
	void proxiesMissWhatOnlyTheWeaverSeesAndSaySo() {
		this.unwoven.withBean(Woven.Whole.class).run((context) -> {
			context.getBean(Woven.Whole.class).callItself();
			assertThat(this.template.keys()).isEmpty();
		});
		this.unwoven.withBean(Woven.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("no proxy can lock it"));
		this.unwoven.withBean(Woven.class)
			.run((context) -> assertThat(context).getFailure().hasCauseInstanceOf(LockDefinitionException.class));
	}

	private static Path jarOf(Class<?> agent) throws URISyntaxException {
		return Path.of(agent.getProtectionDomain().getCodeSource().getLocation().toURI());
	}

}
