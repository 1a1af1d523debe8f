"""Calls that fail as people's calls do, and what an explanation of each must say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apis.cors.exchange import Headers, Request
from apis.cors.explain import Explanation, explain
from apis.cors.gateway import Route
from apis.cors.policy import CorsPolicy

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
PAGE = "https://app.example.com"
JSON: Headers = (("Content-Type", "application/json"),)
TOKEN: Headers = (("Authorization", "Bearer x"),)
OPEN = {"AllowOrigins": [PAGE], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["authorization", "content-type"]}


@dataclass
class Case:
    """A failure, what decides it, what the sentence must name, and the policy after the first fix."""

    cors: dict[str, Any] | None
    field: str | None
    value: str | None
    names: tuple[str, ...]
    fixed: dict[str, Any] | None
    label: str = ""
    method: str = "GET"
    headers: Headers = ()
    credentials: Any = "same-origin"
    origin: str = PAGE
    routes: tuple[Route, ...] | None = None
    rule: str | None = None
    obstacles: tuple[str, ...] = ()


CASES = {
    "origin not listed": Case(
        cors={"AllowOrigins": ["https://www.example.com"]},
        field="AllowOrigins",
        value=PAGE,
        names=("AllowOrigins", "https://www.example.com", PAGE),
        fixed={"AllowOrigins": ["https://www.example.com", PAGE]},
        label=f"Add the origin {PAGE}",
    ),
    "trailing slash": Case(
        cors={"AllowOrigins": [f"{PAGE}/", "https://www.example.com"]},
        field="AllowOrigins",
        value=f"{PAGE}/",
        names=(f"“{PAGE}/”", f"exactly {PAGE}"),
        fixed={"AllowOrigins": [PAGE, "https://www.example.com"]},
        label=f"Replace {PAGE}/ with {PAGE}",
        rule="origin-trailing-slash",
    ),
    "another port": Case(
        cors={"AllowOrigins": ["http://localhost:5173"]},
        origin="http://localhost:3000",
        field="AllowOrigins",
        value="http://localhost:3000",
        names=("http://localhost:5173 has another port",),
        fixed={"AllowOrigins": ["http://localhost:5173", "http://localhost:3000"]},
    ),
    "localhost without port": Case(
        cors={"AllowOrigins": ["http://localhost"]},
        origin="http://localhost:3000",
        field="AllowOrigins",
        value="http://localhost:3000",
        names=("http://localhost has another port",),
        fixed={"AllowOrigins": ["http://localhost", "http://localhost:3000"]},
    ),
    "http instead of https": Case(
        cors={"AllowOrigins": ["http://app.example.com"]},
        field="AllowOrigins",
        value=PAGE,
        names=("has another scheme",),
        fixed={"AllowOrigins": ["http://app.example.com", PAGE]},
    ),
    "off": Case(
        cors=None,
        field="AllowOrigins",
        value=PAGE,
        names=("CORS is off",),
        fixed={"AllowOrigins": [PAGE], "AllowMethods": ["PUT"]},
        label=f"Turn CORS on, add the origin {PAGE} and add the method PUT",
        method="PUT",
        routes=(Route("PUT /items"),),
    ),
    "empty": Case(
        cors={},
        field="AllowOrigins",
        value=PAGE,
        names=("AllowOrigins is empty",),
        fixed={"AllowOrigins": [PAGE]},
        rule=None,
    ),
    "JSON without content-type": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["authorization"]},
        method="POST",
        headers=JSON,
        field="AllowHeaders",
        value="content-type",
        names=("AllowHeaders lists authorization", "content-type is not allowed"),
        fixed={"AllowOrigins": [PAGE], "AllowHeaders": ["authorization", "content-type"]},
        label="Add the header content-type",
    ),
    "token without authorization": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["content-type"]},
        headers=TOKEN,
        field="AllowHeaders",
        value="authorization",
        names=("authorization",),
        fixed={"AllowOrigins": [PAGE], "AllowHeaders": ["content-type", "authorization"]},
        routes=(Route("GET /items", "JWT"),),
        rule="header-authorization-missing",
    ),
    "two headers missing": Case(
        cors={"AllowOrigins": [PAGE]},
        headers=(*TOKEN, ("X-Firebase-Token", "1")),
        field="AllowHeaders",
        value="authorization",
        names=("AllowHeaders is empty", "authorization and x-firebase-token are not allowed"),
        fixed={"AllowOrigins": [PAGE], "AllowHeaders": ["authorization", "x-firebase-token"]},
    ),
    "method not listed": Case(
        cors=OPEN,
        method="DELETE",
        field="AllowMethods",
        value="DELETE",
        names=("AllowMethods lists GET and PUT", "DELETE is not allowed"),
        fixed={**OPEN, "AllowMethods": ["GET", "PUT", "DELETE"]},
        label="Add the method DELETE",
    ),
    "method in lower case": Case(
        cors={"AllowOrigins": [PAGE], "AllowMethods": ["put"]},
        method="PUT",
        field="AllowMethods",
        value="put",
        names=("“put”", "case-sensitive"),
        fixed={"AllowOrigins": [PAGE], "AllowMethods": ["put", "PUT"]},
        rule="method-lower-case",
    ),
    "star with credentials": Case(
        cors={"AllowOrigins": ["*"]},
        credentials="include",
        field="AllowOrigins",
        value="*",
        names=("AllowOrigins has “*”", PAGE),
        fixed={"AllowOrigins": [PAGE], "AllowCredentials": True},
        label=f"Replace * with {PAGE} and switch credentials on",
    ),
    "star and AllowCredentials": Case(
        cors={"AllowOrigins": ["*"], "AllowCredentials": True},
        credentials="include",
        field="AllowOrigins",
        value="*",
        names=("AllowOrigins has “*”",),
        fixed={"AllowOrigins": [PAGE], "AllowCredentials": True},
        rule="origin-any-with-credentials",
    ),
    "credentials off": Case(
        cors=OPEN,
        credentials="include",
        field="AllowCredentials",
        value=None,
        names=("AllowCredentials is off",),
        fixed={**OPEN, "AllowCredentials": True},
        label="Switch credentials on",
    ),
    "every https site, then credentials": Case(
        cors={"AllowOrigins": ["https://*"]},
        credentials="include",
        field="AllowCredentials",
        value=None,
        names=("AllowCredentials is off",),
        fixed={"AllowOrigins": [PAGE], "AllowCredentials": True},
    ),
    "star for methods with credentials": Case(
        cors={"AllowOrigins": [PAGE], "AllowMethods": ["*"], "AllowCredentials": True},
        credentials="include",
        method="PUT",
        field="AllowMethods",
        value="*",
        names=("AllowMethods has “*”", "PUT"),
        fixed={"AllowOrigins": [PAGE], "AllowMethods": ["*", "PUT"], "AllowCredentials": True},
        rule="method-any-with-credentials",
    ),
    "star for headers with credentials": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["*"], "AllowCredentials": True},
        credentials="include",
        headers=TOKEN,
        field="AllowHeaders",
        value="*",
        names=("AllowHeaders has “*”", "authorization"),
        fixed={"AllowOrigins": [PAGE], "AllowHeaders": ["*", "authorization"], "AllowCredentials": True},
        rule="header-any-with-credentials",
    ),
    "headers in one entry": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["X One"]},
        headers=TOKEN,
        field="AllowHeaders",
        value="X One",
        names=("“X One”",),
        fixed={"AllowOrigins": [PAGE], "AllowHeaders": ["x", "one", "authorization"]},
        rule="header-invalid",
    ),
    "null": Case(
        cors={"AllowOrigins": ["*"]},
        origin="null",
        field="AllowOrigins",
        value="null",
        names=("null", "“*”"),
        fixed=None,
        obstacles=("Serve it over http",),
    ),
    "an app's own scheme": Case(
        cors={"AllowOrigins": [PAGE]},
        origin="capacitor://localhost",
        field="AllowOrigins",
        value="capacitor://localhost",
        names=("capacitor://localhost",),
        fixed=None,
        obstacles=("only http and https origins",),
    ),
    "patch in lower case": Case(
        cors={"AllowOrigins": [PAGE], "AllowMethods": ["PATCH"]},
        method="patch",
        field="AllowMethods",
        value="PATCH",
        names=("patch", "PATCH"),
        fixed=None,
        obstacles=("Use PATCH in the call",),
    ),
    "a route takes the preflight, with an authorizer": Case(
        cors=OPEN,
        method="PUT",
        field=None,
        value=None,
        names=("ANY /items", "401"),
        fixed=None,
        routes=(Route("ANY /items", "JWT"),),
        obstacles=("OPTIONS /items",),
    ),
    "an OPTIONS route without an integration": Case(
        cors=OPEN,
        method="PUT",
        field=None,
        value=None,
        names=("OPTIONS /{proxy+}", "404"),
        fixed=None,
        routes=(Route("PUT /items", target="integrations/1"), Route("OPTIONS /{proxy+}")),
        obstacles=("Attach an integration",),
    ),
    "no route": Case(
        cors=OPEN,
        field=None,
        value=None,
        names=("No route matches GET /items", "404"),
        fixed=None,
        routes=(Route("GET /other"),),
        obstacles=("add the route",),
    ),
}


def explained(case: Case, **known: Any) -> Explanation:
    request = Request(case.origin, f"{API}/items", case.method, case.headers, case.credentials)
    return explain(CorsPolicy.from_aws(case.cors), request, case.routes, **known)
