package io.github.etcdlock.sample;

import io.github.etcdlock.LockUnavailableException;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.client.RestClientException;

/** Says why a button of the page did not do what it should. */
@RestControllerAdvice(assignableTypes = PageController.class)
class Refusals {

	@ExceptionHandler
	ProblemDetail busy(BusyException ex) {
		return because(HttpStatus.CONFLICT, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail wrong(IllegalArgumentException ex) {
		return because(HttpStatus.BAD_REQUEST, ex.getMessage());
	}

	/** What is wrong with a sale is said while its order is read. */
	@ExceptionHandler
	ProblemDetail unreadable(HttpMessageNotReadableException ex) {
		return because(HttpStatus.BAD_REQUEST,
				(NestedExceptionUtils.getMostSpecificCause(ex) instanceof IllegalArgumentException wrong)
						? wrong.getMessage() : "The request cannot be read");
	}

	@ExceptionHandler
	ProblemDetail unavailable(LockUnavailableException ex) {
		return because(HttpStatus.SERVICE_UNAVAILABLE, "etcd does not answer: " + ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail instance(RestClientException ex) {
		return because(HttpStatus.BAD_GATEWAY, "The instance did not answer: " + ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail failed(IllegalStateException ex) {
		return because(HttpStatus.INTERNAL_SERVER_ERROR, ex.getMessage());
	}

	private static ProblemDetail because(HttpStatus status, String reason) {
		return ProblemDetail.forStatusAndDetail(status, reason);
	}

}
