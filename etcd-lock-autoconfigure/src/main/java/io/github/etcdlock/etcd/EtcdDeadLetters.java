package io.github.etcdlock.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.recipe.DeadLetter;
import io.github.etcdlock.recipe.DeadLetters;
import io.github.etcdlock.recipe.UnreadableValueException;

/** The dead letters of one work queue. */
final class EtcdDeadLetters<T> implements DeadLetters<T> {

	/** How many are read at a time. */
	private static final int PART = 64;

	private final WorkItems items;

	private final Waits waits;

	private final StoredValues<T> values;

	EtcdDeadLetters(WorkItems items, Waits waits, StoredValues<T> values) {
		this.items = items;
		this.waits = waits;
		this.values = values;
	}

	@Override
	public long size() {
		return read(TxnRequest.newBuilder().addSuccess(WorkKeys.count(this.items.keys().dead())).build()).get(0)
			.getCount();
	}

	@Override
	public List<DeadLetter<T>> list(int most) {
		List<DeadLetter<T>> all = new ArrayList<>();
		ByteString from = this.items.keys().dead();
		while (all.size() < most) {
			int part = Math.min(PART, most - all.size());
			List<KeyValue> letters = letters(from, part);
			letters.forEach((letter) -> all.add(letter(letter)));
			if (letters.size() < part) {
				break;
			}
			from = letters.get(part - 1).getKey().concat(ByteString.copyFrom(new byte[1]));
		}
		return all;
	}

	private DeadLetter<T> letter(KeyValue stored) {
		Letter letter = Letter.parse(stored.getValue());
		String id = id(stored.getKey());
		ByteString bytes = read(TxnRequest.newBuilder().addSuccess(WorkKeys.get(this.items.keys().value(id))).build())
			.get(0)
			.getKvsList()
			.stream()
			.map(KeyValue::getValue)
			.findFirst()
			.orElse(ByteString.EMPTY);
		return new DeadLetter<>(WorkKeys.shown(id), value(bytes), bytes.toByteArray(), letter.reason(),
				letter.deliveries());
	}

	private Optional<T> value(ByteString bytes) {
		try {
			return Optional.of(this.values.read(bytes));
		}
		catch (UnreadableValueException ex) {
			return Optional.empty();
		}
	}

	private String id(ByteString key) {
		return key.substring(this.items.keys().dead().size()).toStringUtf8();
	}

	@Override
	public boolean replay(String id) {
		return one(id, this::replay);
	}

	@Override
	public boolean purge(String id) {
		return one(id, this::purge);
	}

	@Override
	public int replayAll() {
		return all(this::replay);
	}

	@Override
	public int purgeAll() {
		return all(this::purge);
	}

	private TxnRequest replay(KeyValue letter) {
		ByteString name = Letter.parse(letter.getValue()).name();
		return unchanged(letter)
			.addSuccess(WorkKeys.put(this.items.keys().ready(name), new Pointer(0, id(letter.getKey())).stored()))
			.build();
	}

	private TxnRequest purge(KeyValue letter) {
		return unchanged(letter).addSuccess(Slot.delete(this.items.keys().value(id(letter.getKey())))).build();
	}

	private static TxnRequest.Builder unchanged(KeyValue letter) {
		return TxnRequest.newBuilder()
			.addCompare(WorkKeys.unchanged(letter.getKey(), letter.getModRevision()))
			.addSuccess(Slot.delete(letter.getKey()));
	}

	private boolean one(String id, Function<KeyValue, TxnRequest> change) {
		return List.of(id, WorkKeys.id(id))
			.stream()
			.flatMap(
					(key) -> read(TxnRequest.newBuilder().addSuccess(WorkKeys.get(this.items.keys().dead(key))).build())
						.get(0)
						.getKvsList()
						.stream())
			.findFirst()
			.filter((letter) -> change(letter, change))
			.isPresent();
	}

	private int all(Function<KeyValue, TxnRequest> change) {
		int changed = 0;
		ByteString from = this.items.keys().dead();
		List<KeyValue> letters = letters(from, PART);
		while (!letters.isEmpty()) {
			for (KeyValue letter : letters) {
				changed += change(letter, change) ? 1 : 0;
				from = letter.getKey().concat(ByteString.copyFrom(new byte[1]));
			}
			letters = letters(from, PART);
		}
		return changed;
	}

	private boolean change(KeyValue letter, Function<KeyValue, TxnRequest> change) {
		return this.waits.answer("change a dead letter of the " + this.items.text(),
				this.items.change(change.apply(letter)));
	}

	private List<KeyValue> letters(ByteString from, int most) {
		RangeRequest range = RangeRequest.newBuilder()
			.setKey(from)
			.setRangeEnd(KeySpace.end(this.items.keys().dead()))
			.setLimit(most)
			.build();
		return read(TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestRange(range)).build()).get(0)
			.getKvsList();
	}

	private List<RangeResponse> read(TxnRequest request) {
		return this.waits.answer("read the dead letters of the " + this.items.text(), this.items.read(request))
			.getResponsesList()
			.stream()
			.map(ResponseOp::getResponseRange)
			.toList();
	}

}
