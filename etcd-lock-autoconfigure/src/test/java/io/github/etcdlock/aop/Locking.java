package io.github.etcdlock.aop;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.mock.env.MockEnvironment;

/** Beans behind the advisor, without an application context around them. */
final class Locking {

	final RecordingLockTemplate template = new RecordingLockTemplate();

	final MockEnvironment environment = new MockEnvironment();

	private boolean classProxies = true;

	Locking withInterfaceProxies() {
		this.classProxies = false;
		return this;
	}

	DistributedLockAdvisor advisor() {
		return new DistributedLockAdvisor(this.environment, null, this.classProxies, () -> this.template, 0);
	}

	@SuppressWarnings("unchecked")
	<T> T proxy(T bean) {
		ProxyFactory factory = new ProxyFactory(bean);
		factory.setProxyTargetClass(this.classProxies);
		DistributedLockAdvisor advisor = advisor();
		advisor.locks(bean.getClass());
		factory.addAdvisor(advisor);
		return (T) factory.getProxy();
	}

}
