package io.github.etcdlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

/**
 * Everything that is in an etcd at one moment.
 *
 * @param revision the revision of the store: it grows by one with each write
 * @param keys the keys, in order of their names
 * @param leases the ids of the living leases
 */
public record EtcdContents(long revision, List<Key> keys, List<Long> leases) {

	private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[1]);

	private static final Pattern LEASE_ID = Pattern.compile("\"ID\":\"(-?\\d+)\"");

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	/**
	 * One key.
	 *
	 * @param name the key
	 * @param value the value
	 * @param createRevision the revision that created it
	 * @param modRevision the revision that last changed it
	 * @param lease the id of its lease, or 0
	 */
	public record Key(String name, String value, long createRevision, long modRevision, long lease) {

		private static Key of(KeyValue key) {
			return new Key(key.getKey().toStringUtf8(), key.getValue().toStringUtf8(), key.getCreateRevision(),
					key.getModRevision(), key.getLease());
		}

	}

	/**
	 * Reads an etcd without authentication and TLS.
	 * @param endpoint the endpoint of a member
	 * @return what is in it
	 */
	public static EtcdContents of(String endpoint) {
		URI uri = URI.create(endpoint);
		ManagedChannel channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort()).usePlaintext().build();
		try {
			RangeResponse all = KVGrpc.newBlockingStub(channel)
				.withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
				.range(RangeRequest.newBuilder().setKey(EVERYTHING).setRangeEnd(EVERYTHING).build());
			return new EtcdContents(all.getHeader().getRevision(), all.getKvsList().stream().map(Key::of).toList(),
					leasesOf(endpoint));
		}
		finally {
			channel.shutdownNow();
		}
	}

	/**
	 * The keys that start with a prefix.
	 * @param prefix the prefix
	 * @return the keys, in order of their names
	 */
	public List<Key> under(String prefix) {
		return this.keys.stream().filter((key) -> key.name().startsWith(prefix)).toList();
	}

	/** jetcd's stubs cannot list leases, etcd's own gateway can. */
	private static List<Long> leasesOf(String endpoint) {
		HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint + "/v3/lease/leases"))
			.timeout(TIMEOUT)
			.POST(HttpRequest.BodyPublishers.ofString("{}"))
			.build();
		try {
			String answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
			return LEASE_ID.matcher(answer).results().map((MatchResult id) -> Long.valueOf(id.group(1))).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while reading the leases of " + endpoint, ex);
		}
	}

}
