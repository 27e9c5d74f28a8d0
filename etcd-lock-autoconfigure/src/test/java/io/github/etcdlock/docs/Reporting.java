package io.github.etcdlock.docs;

import java.util.Optional;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.Candidate;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.LeaderElection;
import io.github.etcdlock.recipe.LeadershipListener;

class Reporting implements LeadershipListener, AutoCloseable {

	private final LeaderElection election;

	private final Candidate candidate;

	Reporting(EtcdRecipes recipes, String host) {
		this.election = recipes.election("reports");
		this.candidate = this.election.stand(host, this);
	}

	@Override
	public void onElected(LockHandle leadership) {
		// start what only the leader does
	}

	@Override
	public void onDeposed(LockHandle leadership) {
		// stop it
	}

	boolean leads() {
		return this.candidate.leadership().isPresent();
	}

	Optional<String> leader() {
		return this.election.leader();
	}

	@Override
	public void close() {
		this.candidate.close();
	}

}
