package io.github.etcdlock.sample;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.etcdlock.recipe.Candidate;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.recipe.LeadershipListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** One instance of the shop is its foreman: all stand in the election, one leads. */
@Component
class Foreman implements DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(Foreman.class);

	private static final int TERMS_KEPT = 12;

	/** Who led from when on; nobody where the name is empty. */
	record Term(long since, String leader) {
	}

	private final LeaderElection election;

	private final String instance;

	private final List<Term> terms = new CopyOnWriteArrayList<>();

	private @Nullable Candidate candidate;

	private @Nullable AutoCloseable observation;

	Foreman(EtcdRecipes etcd, @Value("${shop.instance}") String instance) {
		this.election = etcd.election("foreman");
		this.instance = instance;
	}

	@EventListener(ApplicationReadyEvent.class)
	synchronized void stand() {
		this.candidate = this.election.stand(this.instance, new LeadershipListener() {
		});
		this.observation = this.election.observe(this::changed);
	}

	/** Gives the leadership up and gets in line again, behind all others. */
	synchronized void resign() {
		if (this.candidate != null) {
			this.candidate.close();
			this.candidate = this.election.stand(this.instance, new LeadershipListener() {
			});
		}
	}

	private synchronized void changed(Optional<String> leader) {
		this.terms.add(new Term(System.currentTimeMillis(), leader.orElse("")));
		if (this.terms.size() > TERMS_KEPT) {
			this.terms.remove(0);
		}
	}

	/** Who has led, the present leader last. */
	List<Term> terms() {
		return List.copyOf(this.terms);
	}

	@Override
	public synchronized void destroy() throws Exception {
		if (this.observation != null) {
			this.observation.close();
		}
		if (this.candidate != null) {
			this.candidate.close();
			logger.debug("{} stands no longer", this.instance);
		}
	}

}
