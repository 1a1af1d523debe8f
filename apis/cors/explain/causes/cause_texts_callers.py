"""The texts of causes that lie with the page, with the script, or with another address."""

from __future__ import annotations

TARGETS: dict[str, tuple[str, ...]] = {
    "function-url": (
        "The URL is a Lambda function URL",
        "Function URLs have a CORS configuration of their own, and are not HTTP APIs.",
        "The host ends with .lambda-url.REGION.on.aws.",
        "Set CORS in the function URL's configuration, and remove CORS headers from the function's code.",
    ),
    "websocket-api": (
        "The URL is a WebSocket",
        "CORS does not apply to WebSockets. API Gateway's WebSocket APIs do not support socket.io or HTTP polling "
        "either.",
        "The URL begins with wss:, or its path is /socket.io/.",
        'Connect with new WebSocket("wss://…/stage"), and check the Origin header in the $connect route.',
    ),
    "not-an-http-api": (
        "The URL is not an HTTP API",
        "Another service answers at this host, and it has its own CORS settings or none.",
        "The host name shows which service it is.",
        "Set CORS in that service, or call it from your backend.",
    ),
    "unknown-api": (
        "The API is not in the inventory",
        "The host belongs to an API of API Gateway that corsdash has not found: another account or region, a REST "
        "API, or an API that was deleted.",
        "The ten characters before .execute-api. are the API's id.",
        "Connect its account and region, or paste the API's CORS configuration.",
    ),
    "unknown-host": (
        "The host is unknown",
        "No API of the inventory answers at this host.",
        "The host is neither an execute-api address nor a known custom domain.",
        "Choose the API behind the host, or paste its CORS configuration.",
    ),
}  # fmt: skip

PAGES: dict[str, tuple[str, ...]] = {
    "null-origin": (
        "The page's origin is null",
        "Local files, sandboxed frames, data: URLs and some redirects have the origin null. API Gateway matches it "
        "with no entry, not even *.",
        "The message says origin 'null'.",
        "Serve the page over http or https, or give the frame allow-same-origin.",
    ),
    "custom-scheme-origin": (
        "The page's scheme cannot be listed",
        "AWS accepts only http and https origins in AllowOrigins. Apps and browser extensions have schemes of their "
        "own.",
        "The origin begins with capacitor:, ionic:, app:, chrome-extension: or the like.",
        "Apps: use native HTTP calls or an https scheme. Extensions: add the API to host_permissions and call it "
        "from the background script.",
    ),
    "response-header-sent-as-request-header": (
        "The script sends a response header",
        "Access-Control-Allow-… headers belong to responses. As request headers they only cause a preflight that "
        "asks for them.",
        "The message names a request header that begins with access-control-.",
        "Remove the header from the script's call. Do not add it to AllowHeaders.",
    ),
    "forbidden-request-header": (
        "The browser sets this header itself",
        "Scripts cannot set headers such as Origin, Host, Referer or Cookie; the browser ignores the attempt.",
        "The console says “Refused to set unsafe header”.",
        "Remove the header from the script. The browser sends Origin with every cross-origin call.",
    ),
    "method-case": (
        "The method is not in capitals",
        "Browsers send patch as it is written, and methods are compared by case.",
        "The message names the method in small letters.",
        "Write PATCH in the script's call.",
    ),
    "no-cors-mode": (
        "The call uses no-cors mode",
        'With mode: "no-cors" the script can read neither status nor body, and the browser drops most headers.',
        "The call has mode: \"no-cors\", and the response's type is opaque.",
        'Remove mode: "no-cors" and let the API allow the origin.',
    ),
    "same-origin-mode": (
        "The call uses same-origin mode",
        'With mode: "same-origin" the browser sends no call to another origin.',
        "The message says that the request mode is same-origin.",
        "Remove the mode from the call.",
    ),
    "mixed-content": (
        "A secure page calls an http address",
        "Browsers block http calls from https pages before they are sent. No CORS header changes that.",
        "The message says mixed content or insecure content.",
        "Call the https address.",
    ),
    "local-network-access": (
        "The browser blocks calls to the local network",
        "A public page calls an address of the local network or of this machine. The browser asks the user for "
        "permission; no response header grants it.",
        "The message names the loopback or local address space.",
        "Allow the permission in the browser's site settings, serve the page over https, or call a public address. A "
        "VPN or proxy can make a public API look local.",
    ),
    "unsupported-scheme": (
        "The address has a scheme without CORS",
        "Scripts and modules load cross-origin only over http and https, not from file: pages.",
        "The message says that cross-origin requests are only supported for some schemes.",
        "Serve the page with a local web server and open it over http.",
    ),
    "blocked-by-client": (
        "A browser extension blocked the call",
        "An ad blocker, a privacy extension or the page's own policy stopped the call before it was sent.",
        "The error is ERR_BLOCKED_BY_CLIENT, ERR_BLOCKED_BY_CSP or the like.",
        "Try without extensions, or add the API to the page's connect-src.",
    ),
    "placeholder-url": (
        "The URL is a placeholder",
        "The script calls an address that was never filled in.",
        "The URL in the message is no address but a name such as YOUR_URL or undefined.",
        "Set the API's address in the script or its environment.",
    ),
}  # fmt: skip

NOT_CORS: dict[str, tuple[str, ...]] = {
    "not-a-browser": (
        "This is not a browser",
        "CORS is enforced by browsers. The message comes from another program, or from one that imitates the check.",
        "The stack trace names Node, jsdom, a server framework or a command.",
        "Configure that program: jsdom needs the right page URL or a Node adapter, a server needs no CORS at all.",
    ),
    "no-origin-sent": (
        "The request has no Origin header",
        "API Gateway adds CORS headers only to requests with an Origin header, so a call without one shows nothing.",
        "The command or the recorded request has no Origin line.",
        "Send the call again with -H 'Origin: https://your-page.example', and for a preflight with -H "
        "'Access-Control-Request-Method: METHOD'.",
    ),
    "not-cors": (
        "This is not a CORS error",
        "The call got a response that the page may read; its status or the connection is the problem.",
        "No message says “blocked by CORS policy”.",
        "Look at the status and the body of the response.",
    ),
    "reason-in-another-line": (
        "The reason is in another line",
        "Scripts only learn that the call failed. The browser's console has another line with the reason.",
        "The text says “Failed to fetch”, “Network Error”, “Load failed” or status 0.",
        "Copy the line of the console that names CORS, access control or mixed content.",
    ),
}  # fmt: skip
