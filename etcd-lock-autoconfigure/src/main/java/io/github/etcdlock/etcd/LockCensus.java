package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

/** Who holds and waits for which lock, in the whole cluster and in this process. */
public final class LockCensus {

	/** Of all lines that are looked at together. */
	private static final int MOST_KEYS = 4_000;

	private static final int MOST_SESSIONS = 10_000;

	private final Engine engine;

	private final Lines lines;

	private final Sessions sessions;

	LockCensus(Engine engine, Lines lines, Sessions sessions) {
		this.engine = engine;
		this.lines = lines;
		this.sessions = sessions;
	}

	/**
	 * A part of all locks, in the order of their etcd keys.
	 *
	 * @param lines the locks
	 * @param more whether there are more behind the last of them
	 */
	public record Page(List<LockLine> lines, boolean more) {

	}

	/**
	 * Reads locks, all at one revision of etcd.
	 * @param after the key of the last lock that was read before, or null to begin
	 * @param limit how many locks to read at most
	 * @return the locks; fails with {@link LockUnavailableException}
	 */
	public CompletableFuture<Page> read(@Nullable String after, int limit) {
		KeySpace keys = this.engine.keys();
		return read((after != null) ? KeySpace.end(keys.line(after)) : keys.all(), limit);
	}

	private CompletableFuture<Page> read(ByteString begin, int limit) {
		KeySpace keys = this.engine.keys();
		TxnRequest request = TxnRequest.newBuilder()
			.addSuccess(range(begin, keys.otherKinds()))
			.addSuccess(range(later(begin, KeySpace.end(keys.otherKinds())), KeySpace.end(keys.all())))
			.addSuccess(sessionRange())
			.build();
		return answer(request).thenCompose((response) -> {
			List<KeyValue> found = new ArrayList<>(range(response, 0).getKvsList());
			boolean cut = range(response, 0).getMore();
			if (!cut) {
				found.addAll(range(response, 1).getKvsList());
				cut = range(response, 1).getMore();
			}
			Map<String, List<KeyValue>> lines = byLine(found);
			// Keys of strangers are no locks, however many there are.
			return (cut && lines.isEmpty()) ? read(behind(found.get(found.size() - 1).getKey()), limit)
					: page(lines, cut, limit, range(response, 2));
		});
	}

	/**
	 * Reads one lock.
	 * @param key its key
	 * @return the lock, without places if nobody holds it; fails with
	 * {@link LockUnavailableException}
	 */
	public CompletableFuture<LockLine> read(String key) {
		ByteString line = this.engine.keys().line(key);
		TxnRequest request = TxnRequest.newBuilder()
			.addSuccess(range(line, KeySpace.end(line)))
			.addSuccess(sessionRange())
			.build();
		return answer(request)
			.thenCompose((response) -> lines(Map.of(key, range(response, 0).getKvsList()), range(response, 1)))
			.thenApply((all) -> all.get(0));
	}

	/**
	 * What this process holds and waits for. Never asks etcd.
	 * @return the locks, those that are held first
	 */
	public CompletableFuture<List<LocalLock>> here() {
		CompletableFuture<List<LocalLock>> here = new CompletableFuture<>();
		this.engine.loop().run(() -> {
			List<LocalLock> all = new ArrayList<>();
			this.sessions.all()
				.stream()
				.flatMap((session) -> session.places().stream())
				.flatMap((place) -> place.holders().stream())
				.filter(HeldLock::ofLock)
				.forEach((lock) -> all.add(lock.local()));
			long now = this.engine.clock().nanos();
			this.lines.tickets().forEach((ticket) -> all.add(ticket.local(now)));
			here.complete(all);
		});
		return here;
	}

	private RequestOp sessionRange() {
		ByteString sessions = this.engine.keys().sessions();
		return RequestOp.newBuilder()
			.setRequestRange(RangeRequest.newBuilder()
				.setKey(sessions)
				.setRangeEnd(KeySpace.end(sessions))
				.setLimit(MOST_SESSIONS))
			.build();
	}

	private static RequestOp range(ByteString begin, ByteString end) {
		return RequestOp.newBuilder()
			.setRequestRange(RangeRequest.newBuilder().setKey(begin).setRangeEnd(end).setLimit(MOST_KEYS))
			.build();
	}

	private static RangeResponse range(TxnResponse response, int index) {
		return response.getResponses(index).getResponseRange();
	}

	/** The next key there can be. */
	private static ByteString behind(ByteString key) {
		return key.concat(ByteString.copyFrom(new byte[1]));
	}

	private static ByteString later(ByteString one, ByteString other) {
		return (ByteString.unsignedLexicographicalComparator().compare(one, other) < 0) ? other : one;
	}

	private CompletableFuture<TxnResponse> answer(TxnRequest request) {
		CompletableFuture<TxnResponse> answer = new CompletableFuture<>();
		Store store = this.engine.store();
		store.repeatTxn(request, store.deadline(),
				(response) -> this.engine.timers().callback(() -> answer.complete(response)),
				(failure) -> this.engine.timers()
					.callback(() -> answer.completeExceptionally(new LockUnavailableException(
							"The locks could not be read: etcd gave no usable answer (" + failure.text() + ")",
							failure.cause()))));
		return answer;
	}

	private Map<String, List<KeyValue>> byLine(List<KeyValue> found) {
		Map<String, List<KeyValue>> lines = new LinkedHashMap<>();
		for (KeyValue kv : found) {
			String name = this.engine.keys().name(kv.getKey());
			if (name != null) {
				lines.computeIfAbsent(name, (key) -> new ArrayList<>()).add(kv);
			}
		}
		return lines;
	}

	/** The last line of a cut answer may be cut itself: it is left to the next page. */
	private CompletableFuture<Page> page(Map<String, List<KeyValue>> found, boolean cut, int limit,
			RangeResponse sessions) {
		int whole = (cut && found.size() > 1) ? found.size() - 1 : found.size();
		Map<String, List<KeyValue>> shown = new LinkedHashMap<>();
		found.forEach((name, kvs) -> {
			if (shown.size() < Math.min(limit, whole)) {
				shown.put(name, kvs);
			}
		});
		boolean more = cut || shown.size() < found.size();
		return lines(shown, sessions).thenApply((lines) -> new Page(lines, more));
	}

	private CompletableFuture<List<LockLine>> lines(Map<String, List<KeyValue>> found, RangeResponse sessions) {
		Map<Long, LockOwner> owners = new HashMap<>();
		sessions.getKvsList()
			.forEach((kv) -> LockOwner.parse(kv.getValue().toStringUtf8())
				.ifPresent((owner) -> owners.put(kv.getLease(), owner)));
		Set<Long> leases = found.values()
			.stream()
			.flatMap(List::stream)
			.map(KeyValue::getLease)
			.collect(Collectors.toSet());
		return timesLeft(leases).thenApply((left) -> found.entrySet()
			.stream()
			.map((line) -> new LockLine(line.getKey(), places(line.getValue(), left, owners)))
			.toList());
	}

	private static List<LockLine.Place> places(List<KeyValue> line, Map<Long, Duration> left,
			Map<Long, LockOwner> owners) {
		List<LockLine.Place> places = new ArrayList<>();
		boolean free = true;
		boolean onlyShared = true;
		for (KeyValue kv : line.stream().sorted(Comparator.comparingLong(KeyValue::getCreateRevision)).toList()) {
			boolean shared = kv.getValue().equals(PlaceRequests.SHARED);
			boolean held = shared ? onlyShared : free;
			places.add(new LockLine.Place(kv.getKey().toStringUtf8(), kv.getCreateRevision(),
					kv.getCreateRevision() * Turn.TOKENS, shared ? LockMode.SHARED : LockMode.EXCLUSIVE, held,
					Long.toHexString(kv.getLease()), left.get(kv.getLease()), owners.get(kv.getLease())));
			free = false;
			onlyShared &= shared;
		}
		return places;
	}

	private CompletableFuture<Map<Long, Duration>> timesLeft(Set<Long> leases) {
		Map<Long, Duration> left = new ConcurrentHashMap<>();
		CompletableFuture<Map<Long, Duration>> done = new CompletableFuture<>();
		AtomicInteger missing = new AtomicInteger(leases.size() + 1);
		Runnable settled = () -> {
			if (missing.decrementAndGet() == 0) {
				this.engine.timers().callback(() -> done.complete(left));
			}
		};
		Store store = this.engine.store();
		for (long lease : leases) {
			store.timeToLive(lease, store.deadline(), (response) -> {
				if (response.getTTL() >= 0) {
					left.put(lease, Duration.ofSeconds(response.getTTL()));
				}
				settled.run();
			}, (failure) -> settled.run());
		}
		settled.run();
		return done;
	}

}
