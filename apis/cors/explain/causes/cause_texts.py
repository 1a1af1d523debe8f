"""The texts of the causes: title, what it is, how to recognize it, how to fix it, and its field, if any."""

from __future__ import annotations

from apis.cors.explain.causes.cause_texts_callers import NOT_CORS, PAGES, TARGETS

_CONFIGURATION: dict[str, tuple[str, ...]] = {
    "origin-not-allowed": (
        "The origin is not in AllowOrigins",
        "No entry of AllowOrigins matches the page's origin, so the response has no Access-Control-Allow-Origin "
        "header. Scheme, host and port must all be equal: http and https, www and no www, localhost and 127.0.0.1 "
        "differ.",
        "API Gateway answers the preflight with 204 and no access-control headers. Compare the origin in the message "
        "with AllowOrigins, character by character.",
        "Add the exact origin to AllowOrigins: scheme, host and port, without a path or a trailing slash.",
        "AllowOrigins",
    ),
    "cors-off": (
        "CORS is off",
        "The API has no CORS configuration, so API Gateway adds no access-control headers and answers no preflight.",
        'A preflight gets 404 with the body {"message":"Not Found"}, unless a route takes OPTIONS.',
        "Turn CORS on and list the origin, the methods and the headers of the call. Or let the backend send the "
        "headers, with a route for OPTIONS.",
        "AllowOrigins",
    ),
    "cors-empty": (
        "CORS is on but allows no origin",
        "The CORS configuration exists and AllowOrigins is empty. API Gateway removes the backend's own CORS headers "
        "and adds none.",
        "The API shows an empty configuration, and every cross-origin call fails.",
        "Add the origin to AllowOrigins, or turn CORS off so that the backend's own headers count.",
        "AllowOrigins",
    ),
    "wildcard-with-credentials": (
        "Credentials do not work with the wildcard origin",
        "The call is made with credentials (cookies), and Access-Control-Allow-Origin is *. Browsers then require "
        "the exact origin.",
        'The script uses credentials: "include" or withCredentials. A token in an Authorization header needs '
        "neither.",
        "Make the call without credentials, or replace * with the exact origin and turn AllowCredentials on.",
        "AllowOrigins",
    ),
    "credentials-not-allowed": (
        "AllowCredentials is off",
        "The call is made with credentials, and the response does not have Access-Control-Allow-Credentials: true.",
        'The script uses credentials: "include" or withCredentials.',
        "Turn AllowCredentials on, with exact origins in AllowOrigins. Or make the call without credentials.",
        "AllowCredentials",
    ),
    "method-not-allowed": (
        "The method is not in AllowMethods",
        "The preflight asks for a method that AllowMethods does not list. GET, HEAD and POST need no entry.",
        "The message names the method. Compare it with AllowMethods; methods are compared by case.",
        "Add the method to AllowMethods.",
        "AllowMethods",
    ),
    "header-not-allowed": (
        "A request header is not in AllowHeaders",
        "The call sends a request header that needs permission, and AllowHeaders does not list it. For calls with "
        "credentials * is no wildcard.",
        "The message names the header. Libraries for tracing, monitoring and sign-in add headers that the page's own "
        "code does not show.",
        "Add the header to AllowHeaders, or stop the script or library from sending it.",
        "AllowHeaders",
    ),
    "allow-list-unreadable": (
        "A list has an entry that browsers cannot read",
        "One entry of AllowMethods or AllowHeaders is no valid name, so browsers reject the whole list.",
        "The message says that the header cannot be parsed, or that it has an invalid value.",
        "Correct or remove the entry: one method or header name each, without quotes, blanks or semicolons.",
    ),
    "response-header-not-exposed": (
        "A response header is not in ExposeHeaders",
        "The call works, but script may read only a few response headers unless ExposeHeaders lists them.",
        "The header is in DevTools' network panel, but response.headers.get() is null or the browser refuses to get "
        "it.",
        "Add the header to ExposeHeaders.",
        "ExposeHeaders",
    ),
    "configuration-refused": (
        "AWS refused the configuration",
        "API Gateway validates CORS settings and rejects this one, so the earlier configuration is still in effect.",
        "The deployment or the console shows a BadRequestException or an invalid format.",
        "Correct the value that the message names and apply it again.",
    ),
}  # fmt: skip

_ROUTES: dict[str, tuple[str, ...]] = {
    "preflight-route-authorizer": (
        "A route with an authorizer takes the preflight",
        "An ANY, OPTIONS or $default route matches the preflight, and its authorizer rejects it: browsers send no "
        "token with a preflight.",
        "The preflight is answered with 401 or 403, and the route has an authorizer.",
        "Add a route OPTIONS for the same path without an authorizer and with an integration, or replace ANY with "
        "one route for each method.",
    ),
    "preflight-route-backend": (
        "A route sends the preflight to the backend",
        "An ANY, OPTIONS or $default route matches the preflight, so the backend answers it instead of API Gateway, "
        "with a status that is not 2xx.",
        "The message says that the preflight does not have HTTP ok status. The backend's log shows an OPTIONS "
        "request.",
        "Let the backend answer OPTIONS with 204, or replace ANY with one route for each method so that API Gateway "
        "answers.",
    ),
    "preflight-route-without-integration": (
        "The OPTIONS route has no integration",
        "A route takes the preflight but has no integration, so API Gateway answers 404.",
        "The preflight is answered with 404 although the path is right.",
        "Attach an integration to the route, or delete it so that API Gateway answers preflights.",
    ),
    "preflight-redirect": (
        "The preflight is redirected",
        "Browsers follow no redirect of a preflight. Usual reasons: http to https, a trailing slash, a redirect to "
        "another host or to a sign-in page.",
        "The preflight has status 301, 302, 303, 307 or 308 with a Location header.",
        "Call the final URL: https, the right host, with or without the trailing slash as the backend expects.",
    ),
    "backend-redirect": (
        "The call is redirected to another address",
        "The first address answers with a redirect. The new address must allow the call as well, and after a "
        "redirect between two other origins the browser sends Origin: null.",
        "The message says “redirected from”. DevTools' network panel shows a 3xx status before the failed call.",
        "Call the final URL, or answer 401 instead of a redirect to a sign-in page.",
    ),
    "no-route": (
        "No route matches the call",
        "No route of the API has this method and path, so API Gateway answers 404 without CORS headers.",
        "The status is 404. A trailing slash makes another path.",
        "Correct the path or the method in the call, or add the route.",
    ),
    "wrong-stage-or-mapping": (
        "The URL is not an address of the API",
        "The stage or the path of the custom domain is missing or wrong, so API Gateway answers without CORS "
        "headers.",
        "The status is 404 or 403. The URL begins with none of the API's addresses.",
        "Call one of the API's addresses: the stage name or the mapping's path is part of the URL.",
    ),
    "stage-not-deployed": (
        "The stage serves an older configuration",
        "The configuration allows the call, but the stage answers as an earlier one did: changes take effect with "
        "the next deployment of the stage.",
        "The stage has automatic deployment off, and its last deployment is older than the change.",
        "Deploy the API to the stage, then try again.",
    ),
    "default-endpoint-disabled": (
        "The default endpoint is disabled",
        "The API's execute-api address is switched off; it answers only at its custom domain.",
        "The status is 404 for every path at the execute-api address.",
        "Call the custom domain, or enable the default endpoint.",
    ),
    "client-certificate-required": (
        "The domain requires a client certificate",
        "Mutual TLS is on for the custom domain. Browsers send no certificate with a preflight, and none to a fetch "
        "unless the user has chosen one.",
        "The error is ERR_BAD_SSL_CLIENT_AUTH_CERT, or the connection is closed.",
        "Serve browsers from a domain without mutual TLS.",
    ),
}  # fmt: skip

_ANSWERS: dict[str, tuple[str, ...]] = {
    "gateway-error-status": (
        "The API answered with an error",
        "The call failed with an error status, and an error response of the gateway or of something in front of it "
        "has no CORS headers. The browser then reports CORS instead of the error.",
        "The status is in the message, or in the line of the call in DevTools' console and network panel.",
        "Fix the error itself: the logs of the integration and the access log of the stage show it.",
    ),
    "rest-api-answered": (
        "A REST API answered",
        "The response comes from an API Gateway REST API, not from an HTTP API. CORS of REST APIs is set for each "
        "resource and in gateway responses.",
        "The response has x-amz-apigw-id or x-amzn-errortype. HTTP APIs send apigw-requestid.",
        "Enable CORS on the REST API's resource and on its DEFAULT_4XX and DEFAULT_5XX gateway responses, then "
        "deploy. Or correct the address.",
    ),
    "cdn-answered": (
        "A CDN answered",
        "CloudFront or another CDN is in front of the API and answers itself, from its cache or with an error, or "
        "does not forward the headers that CORS needs.",
        "The response has x-cache, x-amz-cf-id or cf-ray, and no apigw-requestid.",
        "In CloudFront, forward Origin and the Access-Control-Request headers (the managed policy "
        "AllViewerExceptHostHeader), allow OPTIONS, and put Origin into the cache key.",
    ),
    "firewall-answered": (
        "A firewall answered",
        "A web application firewall or a proxy rejected the request before it reached the API.",
        "The status is 403 or 405, and the response is a page or has a header of the firewall.",
        "Allow OPTIONS requests in the firewall's rules, or exclude the API's path.",
    ),
    "emulator-answered": (
        "A local emulator answered",
        "The response comes from a program on your own machine, such as SAM local, LocalStack or serverless-offline. "
        "Emulators send other CORS headers than API Gateway.",
        "The host is localhost, or the response has * and no apigw-requestid.",
        "Configure CORS in the emulator, and check the deployed API separately.",
    ),
    "multiple-allow-origin": (
        "Access-Control-Allow-Origin has several values",
        "Two parties add the header, mostly the function's code and the configuration in front of it. Browsers "
        "accept exactly one value.",
        "The message shows the values with a comma between them.",
        "Let only one party set CORS headers: remove them from the code, or from the configuration in front of it.",
    ),
    "allow-origin-mismatch": (
        "Access-Control-Allow-Origin names another origin",
        "The response allows another origin than the page's. HTTP APIs echo the page's origin, so the header comes "
        "from a cache, from the backend, or from something in front of the API.",
        "The message quotes the value of the header.",
        "Correct the value where it is set. If a cache is in front, put Origin into its key and send Vary: Origin.",
    ),
    "something-else-answered": (
        "Something other than this configuration answered",
        "This configuration would allow the call, or answer it in another way, so the response comes from elsewhere: "
        "an older deployment, another stage, a CDN, a firewall, an authorizer, or a backend that redirects.",
        "Compare the response's headers: HTTP APIs send apigw-requestid.",
        "Send the preflight with curl and look at the status and at apigw-requestid, via, x-cache and server.",
    ),
    "no-response": (
        "There was no response",
        "The connection failed or was stopped before a response came. No CORS setting changes that.",
        "The message says “did not succeed” without a status, or names a network error.",
        "Check the host name, the certificate, the network, and browser extensions that block requests.",
    ),
}  # fmt: skip

TEXTS = {**_CONFIGURATION, **_ROUTES, **_ANSWERS, **TARGETS, **PAGES, **NOT_CORS}
"""Every cause's texts by its code."""
