"""The texts of the causes: title, what it is, how to recognize it, how to fix it, and its field, if any."""

from __future__ import annotations

from apis.cors.explain.causes.cause_entry import CauseEntry
from apis.cors.explain.causes.cause_texts_callers import NOT_CORS, PAGES, TARGETS

_CONFIGURATION = (
    CauseEntry(
        "origin-not-allowed",
        title="The origin is not in AllowOrigins",
        what="No entry of AllowOrigins matches the page's origin, so the response has no "
        "Access-Control-Allow-Origin header. Scheme, host and port must all be equal: http and https, www and no "
        "www, localhost and 127.0.0.1 differ.",
        tell="API Gateway answers the preflight with 204 and no access-control headers. Compare the origin in the "
        "message with AllowOrigins, character by character.",
        fix="Add the exact origin to AllowOrigins: scheme, host and port, without a path or a trailing slash.",
        field="AllowOrigins",
    ),
    CauseEntry(
        "cors-off",
        title="CORS is off",
        what="The API has no CORS configuration, so API Gateway adds no access-control headers and answers no "
        "preflight.",
        tell='A preflight gets 404 with the body {"message":"Not Found"}, unless a route takes OPTIONS.',
        fix="Turn CORS on and list the origin, the methods and the headers of the call. Or let the backend send the "
        "headers, with a route for OPTIONS.",
        field="AllowOrigins",
    ),
    CauseEntry(
        "cors-empty",
        title="CORS is on but allows no origin",
        what="The CORS configuration exists and AllowOrigins is empty. API Gateway removes the backend's own CORS "
        "headers and adds none.",
        tell="The API shows an empty configuration, and every cross-origin call fails.",
        fix="Add the origin to AllowOrigins, or turn CORS off so that the backend's own headers count.",
        field="AllowOrigins",
    ),
    CauseEntry(
        "wildcard-with-credentials",
        title="Credentials do not work with the wildcard origin",
        what="The call is made with credentials (cookies), and Access-Control-Allow-Origin is *. Browsers then "
        "require the exact origin.",
        tell='The script uses credentials: "include" or withCredentials. A token in an Authorization header needs '
        "neither.",
        fix="Make the call without credentials, or replace * with the exact origin and turn AllowCredentials on.",
        field="AllowOrigins",
    ),
    CauseEntry(
        "credentials-not-allowed",
        title="AllowCredentials is off",
        what="The call is made with credentials, and the response does not have Access-Control-Allow-Credentials: "
        "true.",
        tell='The script uses credentials: "include" or withCredentials.',
        fix="Turn AllowCredentials on, with exact origins in AllowOrigins. Or make the call without credentials.",
        field="AllowCredentials",
    ),
    CauseEntry(
        "method-not-allowed",
        title="The method is not in AllowMethods",
        what="The preflight asks for a method that AllowMethods does not list. GET, HEAD and POST need no entry.",
        tell="The message names the method. Compare it with AllowMethods; methods are compared by case.",
        fix="Add the method to AllowMethods.",
        field="AllowMethods",
    ),
    CauseEntry(
        "header-not-allowed",
        title="A request header is not in AllowHeaders",
        what="The call sends a request header that needs permission, and AllowHeaders does not list it. For calls "
        "with credentials * is no wildcard.",
        tell="The message names the header. Libraries for tracing, monitoring and sign-in add headers that the "
        "page's own code does not show.",
        fix="Add the header to AllowHeaders, or stop the script or library from sending it.",
        field="AllowHeaders",
    ),
    CauseEntry(
        "allow-list-unreadable",
        title="A list has an entry that browsers cannot read",
        what="One entry of AllowMethods or AllowHeaders is no valid name, so browsers reject the whole list.",
        tell="The message says that the header cannot be parsed, or that it has an invalid value.",
        fix="Correct or remove the entry: one method or header name each, without quotes, blanks or semicolons.",
    ),
    CauseEntry(
        "response-header-not-exposed",
        title="A response header is not in ExposeHeaders",
        what="The call works, but script may read only a few response headers unless ExposeHeaders lists them.",
        tell="The header is in DevTools' network panel, but response.headers.get() is null or the browser refuses "
        "to get it.",
        fix="Add the header to ExposeHeaders.",
        field="ExposeHeaders",
    ),
    CauseEntry(
        "configuration-refused",
        title="AWS refused the configuration",
        what="API Gateway validates CORS settings and rejects this one, so the earlier configuration is still in "
        "effect.",
        tell="The deployment or the console shows a BadRequestException or an invalid format.",
        fix="Correct the value that the message names and apply it again.",
    ),
)

_ROUTES = (
    CauseEntry(
        "preflight-route-authorizer",
        title="A route with an authorizer takes the preflight",
        what="An ANY, OPTIONS or $default route matches the preflight, and its authorizer rejects it: browsers send "
        "no token with a preflight.",
        tell="The preflight is answered with 401 or 403, and the route has an authorizer.",
        fix="Add a route OPTIONS for the same path without an authorizer and with an integration, or replace ANY "
        "with one route for each method.",
    ),
    CauseEntry(
        "preflight-route-backend",
        title="A route sends the preflight to the backend",
        what="An ANY, OPTIONS or $default route matches the preflight, so the backend answers it instead of API "
        "Gateway, with a status that is not 2xx.",
        tell="The message says that the preflight does not have HTTP ok status. The backend's log shows an OPTIONS "
        "request.",
        fix="Let the backend answer OPTIONS with 204, or replace ANY with one route for each method so that API "
        "Gateway answers.",
    ),
    CauseEntry(
        "preflight-route-without-integration",
        title="The OPTIONS route has no integration",
        what="A route takes the preflight but has no integration, so API Gateway answers 404.",
        tell="The preflight is answered with 404 although the path is right.",
        fix="Attach an integration to the route, or delete it so that API Gateway answers preflights.",
    ),
    CauseEntry(
        "preflight-redirect",
        title="The preflight is redirected",
        what="Browsers follow no redirect of a preflight. Usual reasons: http to https, a trailing slash, a "
        "redirect to another host or to a sign-in page.",
        tell="The preflight has status 301, 302, 303, 307 or 308 with a Location header.",
        fix="Call the final URL: https, the right host, with or without the trailing slash as the backend expects.",
    ),
    CauseEntry(
        "backend-redirect",
        title="The call is redirected to another address",
        what="The first address answers with a redirect. The new address must allow the call as well, and after a "
        "redirect between two other origins the browser sends Origin: null.",
        tell="The message says “redirected from”. DevTools' network panel shows a 3xx status before the failed call.",
        fix="Call the final URL, or answer 401 instead of a redirect to a sign-in page.",
    ),
    CauseEntry(
        "no-route",
        title="No route matches the call",
        what="No route of the API has this method and path, so API Gateway answers 404 without CORS headers.",
        tell="The status is 404. A trailing slash makes another path.",
        fix="Correct the path or the method in the call, or add the route.",
    ),
    CauseEntry(
        "wrong-stage-or-mapping",
        title="The URL is not an address of the API",
        what="The stage or the path of the custom domain is missing or wrong, so API Gateway answers without CORS "
        "headers.",
        tell="The status is 404 or 403. The URL begins with none of the API's addresses.",
        fix="Call one of the API's addresses: the stage name or the mapping's path is part of the URL.",
    ),
    CauseEntry(
        "stage-not-deployed",
        title="The stage serves an older configuration",
        what="The configuration allows the call, but the stage answers as an earlier one did: changes take effect "
        "with the next deployment of the stage.",
        tell="The stage has automatic deployment off, and its last deployment is older than the change.",
        fix="Deploy the API to the stage, then try again.",
    ),
    CauseEntry(
        "default-endpoint-disabled",
        title="The default endpoint is disabled",
        what="The API's execute-api address is switched off; it answers only at its custom domain.",
        tell="The status is 404 for every path at the execute-api address.",
        fix="Call the custom domain, or enable the default endpoint.",
    ),
    CauseEntry(
        "client-certificate-required",
        title="The domain requires a client certificate",
        what="Mutual TLS is on for the custom domain. Browsers send no certificate with a preflight, and none to a "
        "fetch unless the user has chosen one.",
        tell="The error is ERR_BAD_SSL_CLIENT_AUTH_CERT, or the connection is closed.",
        fix="Serve browsers from a domain without mutual TLS.",
    ),
)

_ANSWERS = (
    CauseEntry(
        "gateway-error-status",
        title="The API answered with an error",
        what="The call failed with an error status, and an error response of the gateway or of something in front "
        "of it has no CORS headers. The browser then reports CORS instead of the error.",
        tell="The status is in the message, or in the line of the call in DevTools' console and network panel.",
        fix="Fix the error itself: the logs of the integration and the access log of the stage show it.",
    ),
    CauseEntry(
        "rest-api-answered",
        title="A REST API answered",
        what="The response comes from an API Gateway REST API, not from an HTTP API. CORS of REST APIs is set for "
        "each resource and in gateway responses.",
        tell="The response has x-amz-apigw-id or x-amzn-errortype. HTTP APIs send apigw-requestid.",
        fix="Enable CORS on the REST API's resource and on its DEFAULT_4XX and DEFAULT_5XX gateway responses, then "
        "deploy. Or correct the address.",
    ),
    CauseEntry(
        "cdn-answered",
        title="A CDN answered",
        what="CloudFront or another CDN is in front of the API and answers itself, from its cache or with an error, "
        "or does not forward the headers that CORS needs.",
        tell="The response has x-cache, x-amz-cf-id or cf-ray, and no apigw-requestid.",
        fix="In CloudFront, forward Origin and the Access-Control-Request headers (the managed policy "
        "AllViewerExceptHostHeader), allow OPTIONS, and put Origin into the cache key.",
    ),
    CauseEntry(
        "firewall-answered",
        title="A firewall answered",
        what="A web application firewall or a proxy rejected the request before it reached the API.",
        tell="The status is 403 or 405, and the response is a page or has a header of the firewall.",
        fix="Allow OPTIONS requests in the firewall's rules, or exclude the API's path.",
    ),
    CauseEntry(
        "emulator-answered",
        title="A local emulator answered",
        what="The response comes from a program on your own machine, such as SAM local, LocalStack or "
        "serverless-offline. Emulators send other CORS headers than API Gateway.",
        tell="The host is localhost, or the response has * and no apigw-requestid.",
        fix="Configure CORS in the emulator, and check the deployed API separately.",
    ),
    CauseEntry(
        "multiple-allow-origin",
        title="Access-Control-Allow-Origin has several values",
        what="Two parties add the header, mostly the function's code and the configuration in front of it. Browsers "
        "accept exactly one value.",
        tell="The message shows the values with a comma between them.",
        fix="Let only one party set CORS headers: remove them from the code, or from the configuration in front of it.",
    ),
    CauseEntry(
        "allow-origin-mismatch",
        title="Access-Control-Allow-Origin names another origin",
        what="The response allows another origin than the page's. HTTP APIs echo the page's origin, so the header "
        "comes from a cache, from the backend, or from something in front of the API.",
        tell="The message quotes the value of the header.",
        fix="Correct the value where it is set. If a cache is in front, put Origin into its key and send Vary: Origin.",
    ),
    CauseEntry(
        "something-else-answered",
        title="Something other than this configuration answered",
        what="This configuration would allow the call, or answer it in another way, so the response comes from "
        "elsewhere: an older deployment, another stage, a CDN, a firewall, an authorizer, or a backend that "
        "redirects.",
        tell="Compare the response's headers: HTTP APIs send apigw-requestid.",
        fix="Send the preflight with curl and look at the status and at apigw-requestid, via, x-cache and server.",
    ),
    CauseEntry(
        "no-response",
        title="There was no response",
        what="The connection failed or was stopped before a response came. No CORS setting changes that.",
        tell="The message says “did not succeed” without a status, or names a network error.",
        fix="Check the host name, the certificate, the network, and browser extensions that block requests.",
    ),
)

ENTRIES = (*_CONFIGURATION, *_ROUTES, *_ANSWERS, *TARGETS, *PAGES, *NOT_CORS)
"""Every cause's texts, in the order in which pages list them."""
