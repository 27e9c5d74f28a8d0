package io.github.etcdlock.sample;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.actuate.ClusterLocks;
import io.github.etcdlock.actuate.EtcdLocksEndpoint;
import io.github.etcdlock.actuate.LockLine;
import io.github.etcdlock.actuate.Revocation;
import io.github.etcdlock.recipe.EtcdRecipes;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Looks into etcd: what the library keeps there, for everybody who uses this prefix. */
@Component
class Console {

	private static final long TIMEOUT_SECONDS = 3;

	/** More sessions or items than these are not looked at. */
	private static final int MOST = 2000;

	private final EtcdLocksEndpoint locks;

	private final EtcdRecipes recipes;

	private final EtcdStatus status;

	private final Client etcd;

	private final JsonMapper json;

	private final String prefix;

	Console(EtcdLocksEndpoint locks, EtcdRecipes recipes, EtcdStatus status, Client etcd, JsonMapper json,
			@Value("${etcd-lock.key-prefix:/locks}") String prefix) {
		this.locks = locks;
		this.recipes = recipes;
		this.status = status;
		this.etcd = etcd;
		this.json = json;
		this.prefix = prefix;
	}

	ConsoleView look() throws InterruptedException {
		ClusterLocks.Page page = this.locks.locks(null, null, null);
		GetResponse sessions = read("/.sessions/", false);
		GetResponse work = read("/.work-queues/", true);
		GetResponse plain = read("/.queues/", true);
		boolean cut = sessions.isMore() || work.isMore() || plain.isMore();
		return new ConsoleView(this.status.members(), page.locks(), page.next() != null, sessions(sessions.getKvs()),
				queues(work.getKvs(), plain.getKvs()), services(), cut);
	}

	/** Takes a lock away from its holder, if it still is the holder. */
	boolean release(String key, long token) {
		return this.locks.end(key, token, true).outcome() == Revocation.Outcome.RELEASED;
	}

	private List<ConsoleView.Session> sessions(List<KeyValue> found) throws InterruptedException {
		List<CompletableFuture<LeaseTimeToLiveResponse>> leases = found.stream()
			.map((entry) -> this.etcd.getLeaseClient()
				.timeToLive(entry.getLease(), LeaseOption.builder().withAttachedKeys().build()))
			.toList();
		List<ConsoleView.Session> sessions = new ArrayList<>();
		for (int i = 0; i < found.size(); i++) {
			LeaseTimeToLiveResponse lease = answer(leases.get(i));
			if (lease.getTTL() >= 0) {
				sessions.add(new ConsoleView.Session(Long.toHexString(found.get(i).getLease()), lease.getTTL(),
						lease.getGrantedTTL(), lease.getKeys().size(), owner(found.get(i))));
			}
		}
		return sessions;
	}

	private LockLine.@Nullable Owner owner(KeyValue session) {
		try {
			return this.json.readerFor(LockLine.Owner.class)
				.without(tools.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
				.readValue(session.getValue().getBytes());
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	/** Every queue that has something in it. */
	private List<ConsoleView.Queue> queues(List<KeyValue> workItems, List<KeyValue> items) {
		Map<String, int[]> work = new TreeMap<>();
		for (KeyValue entry : workItems) {
			String[] path = relative(entry, "/.work-queues/").split("/", 3);
			int kind = (path.length < 3) ? -1 : List.of("ready", "delayed", "claims", "dead").indexOf(path[1]);
			if (kind >= 0) {
				work.computeIfAbsent(path[0], (name) -> new int[4])[kind]++;
			}
		}
		List<ConsoleView.Queue> queues = new ArrayList<>();
		work.forEach(
				(name, counts) -> queues.add(new ConsoleView.Queue(name, counts[0] + counts[1], counts[2], counts[3])));
		Map<String, Integer> plain = new TreeMap<>();
		items.forEach((entry) -> plain.merge(relative(entry, "/.queues/").split("/", 2)[0], 1, Integer::sum));
		plain.forEach((name, depth) -> queues.add(new ConsoleView.Queue(name, depth, 0, 0)));
		return queues;
	}

	private List<ConsoleView.Service> services() {
		List<ConsoleView.Service> services = new ArrayList<>();
		new TreeMap<>(this.recipes.registry().services())
			.forEach((service, instances) -> instances.forEach((instance) -> services
				.add(new ConsoleView.Service(service, instance.id(), instance.uri().toString()))));
		return services;
	}

	private String relative(KeyValue entry, String area) {
		return entry.getKey().toString(StandardCharsets.UTF_8).substring(this.prefix.length() + area.length());
	}

	private GetResponse read(String area, boolean keysOnly) throws InterruptedException {
		ByteSequence begin = ByteSequence.from(this.prefix + area, StandardCharsets.UTF_8);
		return answer(this.etcd.getKVClient()
			.get(begin, GetOption.builder().isPrefix(true).withKeysOnly(keysOnly).withLimit(MOST).build()));
	}

	private static <T> T answer(CompletableFuture<T> answer) throws InterruptedException {
		try {
			return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new LockUnavailableException("etcd did not answer the console", ex);
		}
	}

}
