"""The texts of causes that lie with the page, with the script, or with another address."""

from __future__ import annotations

from apis.cors.explain.causes.cause_entry import CauseEntry

TARGETS = (
    CauseEntry(
        "function-url",
        title="The URL is a Lambda function URL",
        what="Function URLs have a CORS configuration of their own, and are not HTTP APIs.",
        tell="The host ends with .lambda-url.REGION.on.aws.",
        fix="Set CORS in the function URL's configuration, and remove CORS headers from the function's code.",
    ),
    CauseEntry(
        "websocket-api",
        title="The URL is a WebSocket",
        what="CORS does not apply to WebSockets. API Gateway's WebSocket APIs do not support socket.io or HTTP "
        "polling either.",
        tell="The URL begins with wss:, or its path is /socket.io/.",
        fix='Connect with new WebSocket("wss://…/stage"), and check the Origin header in the $connect route.',
    ),
    CauseEntry(
        "not-an-http-api",
        title="The URL is not an HTTP API",
        what="Another service answers at this host, and it has its own CORS settings or none.",
        tell="The host name shows which service it is.",
        fix="Set CORS in that service, or call it from your backend.",
    ),
    CauseEntry(
        "unknown-api",
        title="The API is not in the inventory",
        what="The host belongs to an API of API Gateway that corsdash has not found: another account or region, a "
        "REST API, or an API that was deleted.",
        tell="The ten characters before .execute-api. are the API's id.",
        fix="Connect its account and region, or paste the API's CORS configuration.",
    ),
    CauseEntry(
        "unknown-host",
        title="The host is unknown",
        what="No API of the inventory answers at this host.",
        tell="The host is neither an execute-api address nor a known custom domain.",
        fix="Choose the API behind the host, or paste its CORS configuration.",
    ),
)

PAGES = (
    CauseEntry(
        "null-origin",
        title="The page's origin is null",
        what="Local files, sandboxed frames, data: URLs and some redirects have the origin null. API Gateway "
        "matches it with no entry, not even *.",
        tell="The message says origin 'null'.",
        fix="Serve the page over http or https, or give the frame allow-same-origin.",
    ),
    CauseEntry(
        "custom-scheme-origin",
        title="The page's scheme cannot be listed",
        what="AWS accepts only http and https origins in AllowOrigins. Apps and browser extensions have schemes of "
        "their own.",
        tell="The origin begins with capacitor:, ionic:, app:, chrome-extension: or the like.",
        fix="Apps: use native HTTP calls or an https scheme. Extensions: add the API to host_permissions and call "
        "it from the background script.",
    ),
    CauseEntry(
        "response-header-sent-as-request-header",
        title="The script sends a response header",
        what="Access-Control-Allow-… headers belong to responses. As request headers they only cause a preflight "
        "that asks for them.",
        tell="The message names a request header that begins with access-control-.",
        fix="Remove the header from the script's call. Do not add it to AllowHeaders.",
    ),
    CauseEntry(
        "forbidden-request-header",
        title="The browser sets this header itself",
        what="Scripts cannot set headers such as Origin, Host, Referer or Cookie; the browser ignores the attempt.",
        tell="The console says “Refused to set unsafe header”.",
        fix="Remove the header from the script. The browser sends Origin with every cross-origin call.",
    ),
    CauseEntry(
        "method-case",
        title="The method is not in capitals",
        what="Browsers send patch as it is written, and methods are compared by case.",
        tell="The message names the method in small letters.",
        fix="Write PATCH in the script's call.",
    ),
    CauseEntry(
        "no-cors-mode",
        title="The call uses no-cors mode",
        what='With mode: "no-cors" the script can read neither status nor body, and the browser drops most headers.',
        tell='The call has mode: "no-cors", and the response\'s type is opaque.',
        fix='Remove mode: "no-cors" and let the API allow the origin.',
    ),
    CauseEntry(
        "same-origin-mode",
        title="The call uses same-origin mode",
        what='With mode: "same-origin" the browser sends no call to another origin.',
        tell="The message says that the request mode is same-origin, or names the script of a worker.",
        fix="Remove the mode from the call. A worker's script must be on the page's own origin.",
    ),
    CauseEntry(
        "mixed-content",
        title="A secure page calls an http address",
        what="Browsers block http calls from https pages before they are sent. No CORS header changes that.",
        tell="The message says mixed content or insecure content.",
        fix="Call the https address.",
    ),
    CauseEntry(
        "local-network-access",
        title="The browser blocks calls to the local network",
        what="A public page calls an address of the local network or of this machine. The browser asks the user for "
        "permission; no response header grants it.",
        tell="The message names the loopback or local address space.",
        fix="Allow the permission in the browser's site settings, serve the page over https, or call a public "
        "address. A VPN or proxy can make a public API look local.",
    ),
    CauseEntry(
        "unsupported-scheme",
        title="The address has a scheme without CORS",
        what="Scripts and modules load cross-origin only over http and https, not from file: pages.",
        tell="The message says that cross-origin requests are only supported for some schemes.",
        fix="Serve the page with a local web server and open it over http.",
    ),
    CauseEntry(
        "blocked-by-client",
        title="The browser blocked the call before it was sent",
        what="An ad blocker, a privacy extension, the browser's tracking protection or the page's own policy stopped "
        "the call.",
        tell="The error is ERR_BLOCKED_BY_CLIENT, ERR_BLOCKED_BY_CSP or the like.",
        fix="Try without extensions, or add the API to the page's connect-src.",
    ),
    CauseEntry(
        "placeholder-url",
        title="The URL is a placeholder",
        what="The script calls an address that was never filled in.",
        tell="The URL in the message is no address but a name such as YOUR_URL or undefined.",
        fix="Set the API's address in the script or its environment.",
    ),
    CauseEntry(
        "url-with-credentials",
        title="The URL has a user name or password",
        what="fetch() refuses a URL with a user name or password before anything is sent.",
        tell="The message says that the URL includes credentials.",
        fix="Take them out of the URL and send them in an Authorization header, which AllowHeaders must list.",
    ),
)

NOT_CORS = (
    CauseEntry(
        "not-a-browser",
        title="This is not a browser",
        what="CORS is enforced by browsers. The message comes from another program, or from one that imitates the "
        "check.",
        tell="The stack trace names Node, jsdom, a server framework or a command.",
        fix="Configure that program: jsdom needs the right page URL or a Node adapter, a server needs no CORS at all.",
    ),
    CauseEntry(
        "no-origin-sent",
        title="The request has no Origin header",
        what="API Gateway adds CORS headers only to requests with an Origin header, so a call without one shows "
        "nothing.",
        tell="The command or the recorded request has no Origin line.",
        fix="Send the call again with -H 'Origin: https://your-page.example', and for a preflight with -H "
        "'Access-Control-Request-Method: METHOD'.",
    ),
    CauseEntry(
        "not-cors",
        title="This is not a CORS error",
        what="The call got a response that the page may read; its status or the connection is the problem.",
        tell="No message says “blocked by CORS policy”.",
        fix="Look at the status and the body of the response.",
    ),
    CauseEntry(
        "reason-in-another-line",
        title="The reason is in another line",
        what="Scripts only learn that the call failed. The browser's console has another line with the reason.",
        tell="The text says “Failed to fetch”, “Network Error”, “Load failed” or status 0.",
        fix="Copy the line of the console that names CORS, access control or mixed content.",
    ),
)
