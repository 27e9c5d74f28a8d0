package io.github.etcdlock.benchmarks;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;

import io.github.etcdlock.autoconfigure.EtcdLockAopAutoConfiguration;
import io.github.etcdlock.autoconfigure.EtcdLockAutoConfiguration;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;

/** A small application, with etcd-lock or without it. */
final class StartUpMain {

	static final String WITHOUT = "without";

	static final String STARTED = "started ";

	private StartUpMain() {
	}

	public static void main(String[] arguments) {
		boolean locks = !arguments[0].equals(WITHOUT);
		SpringApplication application = new SpringApplication(locks ? WithLocks.class : Plain.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setLogStartupInfo(false);
		if (locks) {
			application.setDefaultProperties(Map.of("etcd-lock.endpoints", arguments[0]));
		}
		ThreadMXBean thread = ManagementFactory.getThreadMXBean();
		ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
		long start = System.nanoTime();
		long cpu = thread.getCurrentThreadCpuTime();
		long loaded = classes.getTotalLoadedClassCount();
		application.run();
		System.out.println(STARTED + (System.nanoTime() - start) / 1e6 + " "
				+ (thread.getCurrentThreadCpuTime() - cpu) / 1e6 + " " + (classes.getTotalLoadedClassCount() - loaded));
		System.out.flush();
		Runtime.getRuntime().halt(0);
	}

	@ImportAutoConfiguration({ ConfigurationPropertiesAutoConfiguration.class,
			PropertyPlaceholderAutoConfiguration.class, SslAutoConfiguration.class, AopAutoConfiguration.class })
	static class Plain {

	}

	@ImportAutoConfiguration({ EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class })
	static class WithLocks extends Plain {

	}

}
