package io.github.etcdlock.sample;

import java.io.IOException;
import java.net.URI;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what another site has a browser send: buttons of this page kill processes.
 * Browsers say where a request comes from; clients that are no browsers say nothing. A
 * name that is not of this machine's own is refused as well, for another site may have it
 * resolve to here.
 */
@Component
class OwnPagesOnly extends OncePerRequestFilter {

	private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

	private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

	private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS");

	/** The page works offline, and nobody frames it to have its buttons pressed. */
	private static final String NOTHING_FROM_ELSEWHERE = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		response.setHeader("Content-Security-Policy", NOTHING_FROM_ELSEWHERE);
		if (!OWN_NAMES.contains(request.getServerName())) {
			response.sendError(HttpServletResponse.SC_FORBIDDEN, "Use http://localhost");
		}
		else if (!HARMLESS.contains(request.getMethod()) && isForeign(request)) {
			response.sendError(HttpServletResponse.SC_FORBIDDEN, "Only pages of this shop may do that");
		}
		else {
			chain.doFilter(request, response);
		}
	}

	private static boolean isForeign(HttpServletRequest request) {
		String site = request.getHeader("Sec-Fetch-Site");
		return (site != null && !OWN_SITES.contains(site)) || isForeign(request.getHeader("Origin"), request);
	}

	private static boolean isForeign(@Nullable String origin, HttpServletRequest request) {
		if (origin == null) {
			return false;
		}
		try {
			return !String.valueOf(request.getHeader("Host")).equals(URI.create(origin).getAuthority());
		}
		catch (IllegalArgumentException ex) {
			return true;
		}
	}

}
