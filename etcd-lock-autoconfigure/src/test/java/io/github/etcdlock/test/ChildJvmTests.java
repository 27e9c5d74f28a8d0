package io.github.etcdlock.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class ChildJvmTests {

	@Test
	void talksInLines() {
		try (ChildJvm child = ChildJvm.start(List.of("-Dgreeting=hello"), Echo.class, "world")) {
			assertThat(child.expect("started ")).isEqualTo("hello world");
			child.send("one");
			child.send("two");
			assertThat(child.expect("echo two")).isEmpty();
			assertThat(child.output()).contains("echo one");
		}
	}

	@Test
	void getsEnvironmentVariables() {
		try (ChildJvm child = ChildJvm.start(Map.of("GREETING", "good morning"), List.of(), Echo.class, "x")) {
			assertThat(child.expect("variable ")).isEqualTo("good morning");
		}
	}

	@Test
	void missingLineFailsWithTheOutput() {
		try (ChildJvm child = ChildJvm.start(Echo.class, "x")) {
			child.expect("started");
			child.send("something else");
			child.expect("echo");
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> child.expect("never", Duration.ofMillis(100)))
				.withMessageContaining("\"never\"")
				.withMessageContaining("echo something else");
		}
	}

	@Test
	void exitCodeIsSeen() {
		try (ChildJvm child = ChildJvm.start(Echo.class, "x")) {
			child.send("exit");
			assertThat(child.awaitExit()).isEqualTo(7);
		}
	}

	@Test
	void killedChildIsGone() {
		try (ChildJvm child = ChildJvm.start(Echo.class, "x")) {
			child.expect("started");
			child.kill();
			assertThat(child.isAlive()).isFalse();
			assertThat(ProcessHandle.of(child.pid())).isEmpty();
		}
	}

	@Test
	void pausedChildAnswersOnceResumed() {
		try (ChildJvm child = ChildJvm.start(Echo.class, "x")) {
			child.expect("started");
			child.pause();
			child.send("late");
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> child.expect("echo late", Duration.ofMillis(200)));
			child.resume();
			child.expect("echo late");
		}
	}

	@Test
	void childEndsWithItsKilledParentEvenWhenPaused() {
		try (ChildJvm parent = ChildJvm.start(Parent.class)) {
			ProcessHandle grandchild = ProcessHandle.of(Long.parseLong(parent.expect("grandchild "))).orElseThrow();
			assertThat(grandchild.isAlive()).isTrue();
			Signal.STOP.send(grandchild.pid());
			parent.kill();
			await().atMost(Duration.ofSeconds(10)).until(() -> !grandchild.isAlive());
		}
	}

	static final class Echo {

		public static void main(String[] arguments) throws IOException {
			System.out.println("variable " + System.getenv("GREETING"));
			System.out.println("started " + System.getProperty("greeting") + " " + arguments[0]);
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
			String line;
			while ((line = input.readLine()) != null) {
				if (line.equals("exit")) {
					System.exit(7);
				}
				System.out.println("echo " + line);
			}
		}

	}

	static final class Parent {

		public static void main(String[] arguments) throws IOException {
			try (ChildJvm child = ChildJvm.start(Echo.class, "x")) {
				child.expect("started");
				System.out.println("grandchild " + child.pid());
				System.in.read();
			}
		}

	}

}
