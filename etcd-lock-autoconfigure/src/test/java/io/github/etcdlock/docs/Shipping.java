package io.github.etcdlock.docs;

import io.github.etcdlock.DistributedLock;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The service of the README. */
@Service
class Shipping {

	@DistributedLock(key = "order:#{#order.id}", waitTime = "5s")
	@Transactional
	public Receipt ship(Order order) {
		// One instance at a time for this order, and the next sees this one's commit.
		return new Receipt(order);
	}

}
