package io.github.etcdlock.autoconfigure;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;

import javax.net.ssl.SSLException;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.handler.ssl.NotSslRecordException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in plain words why etcd cannot be used, and what to do about it. */
final class EtcdDiagnosis {

	private static final String OWN_CERTIFICATE = "Put a valid certificate that etcd's --trusted-ca-file has signed, "
			+ "and its key, into the SSL bundle of etcd-lock.ssl.bundle (keystore.certificate and keystore.private-key).";

	private final Throwable failure;

	private final EtcdTarget target;

	private EtcdDiagnosis(Throwable failure, EtcdTarget target) {
		this.failure = failure;
		this.target = target;
	}

	static FailureAnalysis of(Throwable failure, EtcdTarget target) {
		return new EtcdDiagnosis(failure, target).analysis();
	}

	private FailureAnalysis analysis() {
		Status status = status();
		String text = String.valueOf(status.getDescription()).toLowerCase(Locale.ROOT);
		FailureAnalysis refusal = refusal(status.getCode(), text);
		if (refusal != null) {
			return refusal;
		}
		FailureAnalysis tls = tls(text);
		return (tls != null) ? tls : unreachable(status.getCode(), text);
	}

	/** What etcd itself said. */
	private @Nullable FailureAnalysis refusal(Status.Code code, String text) {
		if (text.contains("authentication failed") || text.contains("invalid user id or password")) {
			return say("refuses the password of its user " + this.target.username(),
					"Correct etcd-lock.username and etcd-lock.password; 'etcdctl user list' shows the users.");
		}
		if (text.contains("authentication is not enabled")) {
			return say("knows no users, but etcd-lock.username is set",
					"Leave out etcd-lock.username and etcd-lock.password, or run 'etcdctl auth enable'.");
		}
		if (text.contains("user name is empty") || code == Status.Code.UNAUTHENTICATED) {
			return say("asks for a user", "Set etcd-lock.username and etcd-lock.password.");
		}
		if (code == Status.Code.PERMISSION_DENIED) {
			String user = (this.target.username() != null) ? this.target.username() : "<user>";
			return say("does not let its user " + user + " use the keys under " + this.target.keyPrefix() + "/",
					"Grant it to a role of the user ('etcdctl user get " + user
							+ "' shows them):%n%n    etcdctl role grant-permission <role> --prefix=true readwrite "
								.formatted()
							+ this.target.keyPrefix() + "/");
		}
		if (code == Status.Code.UNIMPLEMENTED || text.contains("http2 exception") || text.contains("http status code")
				|| text.contains("first received frame was not settings")) {
			return notAnEtcd();
		}
		return null;
	}

	private FailureAnalysis notAnEtcd() {
		return say("answers, but not as an etcd does (" + reason() + ")",
				"Check host and port of etcd-lock.endpoints: etcd's port for clients is 2379, 2380 is for its members."
						+ (this.target.tls() ? "" : " If etcd asks for TLS, use https:// endpoints."));
	}

	private @Nullable FailureAnalysis tls(String text) {
		if (find(NotSslRecordException.class) != null || text.contains("while performing tls negotiation")) {
			return say("speaks plain text, it seems, but TLS was asked for (" + reason() + ")",
					"Use http:// in etcd-lock.endpoints and leave out etcd-lock.ssl.bundle, or switch TLS on in etcd.");
		}
		SSLException ssl = find(SSLException.class);
		String alert = received(ssl);
		if (alert.contains("certificate_required") || alert.contains("bad_certificate")) {
			return say("wants a valid certificate of the client's own (" + reason() + ")", OWN_CERTIFICATE);
		}
		if (alert.contains("unknown_ca") || alert.contains("certificate_unknown")
				|| alert.contains("certificate_expired") || alert.contains("unknown_certificate")) {
			return say("does not accept the certificate of this client (" + reason() + ")", OWN_CERTIFICATE);
		}
		if (find(CertificateExpiredException.class) != null || find(CertificateNotYetValidException.class) != null) {
			return say("has a TLS certificate that is not valid now (" + reason() + ")",
					"Renew etcd's certificate (--cert-file), or set the clock of this machine right.");
		}
		if (find(CertPathBuilderException.class) != null) {
			return say("has a TLS certificate that is not trusted here (" + reason() + ")",
					"Put the certificate of the authority that signed it into an SSL bundle "
							+ "(spring.ssl.bundle.pem.<name>.truststore.certificate) named in etcd-lock.ssl.bundle.");
		}
		if (find(CertificateException.class) != null) {
			return say("has a TLS certificate that does not fit (" + reason() + ")",
					"Use the host name that the certificate was made for in etcd-lock.endpoints, "
							+ "or give etcd a valid certificate with that name.");
		}
		return (ssl != null) ? say("could not agree on TLS with us (" + reason() + ")",
				"Compare the protocols, ciphers and certificates of etcd and of etcd-lock.ssl.bundle.") : null;
	}

	/** What the other side complains of; newer JDKs name our own alerts, too. */
	private static String received(@Nullable SSLException ssl) {
		String message = (ssl != null) ? String.valueOf(ssl.getMessage()).toLowerCase(Locale.ROOT) : "";
		return (message.contains("received fatal alert") || message.contains("_alert_")) ? message : "";
	}

	private FailureAnalysis unreachable(Status.Code code, String text) {
		if (find(UnknownHostException.class) != null || text.contains("unable to resolve host")) {
			return say("has a host name that is not known (" + reason() + ")", "Correct etcd-lock.endpoints.");
		}
		if (find(ConnectException.class) != null) {
			return say("cannot be reached (" + reason() + ")", start());
		}
		if (code == Status.Code.DEADLINE_EXCEEDED) {
			return say("gives no answer in time", start());
		}
		boolean hungUp = text.contains("network closed") || text.contains("protocol negotiation")
				|| reason().contains("reset");
		if (!this.target.tls() && hungUp) {
			return say("hangs up (" + reason() + ")",
					"If it asks for TLS, use https:// in etcd-lock.endpoints; if not, check host and port.");
		}
		if (hungUp) {
			return say("hangs up on us after the TLS handshake, perhaps over the certificate of this client ("
					+ reason() + ")", "See etcd's log. If it is for the certificate: " + OWN_CERTIFICATE);
		}
		return say("gives no usable answer (" + reason() + ")", start());
	}

	private String start() {
		return "Start etcd, or correct etcd-lock.endpoints. "
				+ "For development etcd-lock.embedded.enabled=true starts an etcd with the application.";
	}

	private FailureAnalysis say(String problem, String action) {
		return new FailureAnalysis("The " + this.target.named() + " " + problem + ".", action, this.failure);
	}

	private Status status() {
		StatusRuntimeException found = find(StatusRuntimeException.class);
		return (found != null) ? found.getStatus() : Status.UNKNOWN;
	}

	/** The innermost message that says something: what the socket, TLS or etcd said. */
	private String reason() {
		String reason = "no answer in time";
		for (Throwable cause = this.failure; cause != null; cause = cause.getCause()) {
			if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
				reason = cause.getMessage();
			}
		}
		return reason.lines().findFirst().orElse(reason).strip();
	}

	private <T extends Throwable> @Nullable T find(Class<T> type) {
		for (Throwable cause = this.failure; cause != null; cause = cause.getCause()) {
			if (type.isInstance(cause)) {
				return type.cast(cause);
			}
		}
		return null;
	}

}
