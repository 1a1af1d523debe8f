"""APIs in code: serverless.ts and SST's configuration are read; CDK, Pulumi and the like are named and refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from apis.cors.formats.code.javascript import Code
from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Found, Kind, Notes
from apis.cors.formats.serverless import serverless
from apis.cors.formats.values import CAMEL_NAMES, Object, Unresolved, flag_of, line_of, policy_from, unresolved
from apis.cors.policy import CorsPolicy

_CDK = (
    r"aws-cdk-lib|aws_cdk|awscdk|@aws-cdk|Amazon\.CDK|corsPreflight|cors_preflight|CorsHttpMethod|Cfn[A-Z]\w+|HttpApi\(|"
    r"addFunctionUrl\(|add_function_url\(|FunctionUrlAuthType"
)
_TOOLS = (
    ("CDKTF", re.compile(r"cdktf|Apigatewayv2Api\b")),
    ("CDK", re.compile(_CDK)),
    (
        "AWS SDK",
        re.compile(r"@aws-sdk/|aws-sdk-go|awssdk|UpdateApi(?:Command|Request|Input|Async)\b|AWSSDK|Aws\\ApiGatewayV2"),
    ),
    ("Pulumi", re.compile(r"pulumi|apigatewayv2\.Api\b|ApiCorsConfigurationArgs|corsConfiguration")),
    ("SST v2", re.compile(r"sst/constructs|@serverless-stack")),
    ("Powertools for AWS Lambda", re.compile(r"aws_lambda_powertools|aws-lambda-powertools|APIGatewayHttpResolver")),
    ("Chalice", re.compile(r"chalice|CORSConfig\(")),
    ("Django", re.compile(r"\bCORS_(?:ALLOW|ORIGIN)[A-Z_]*[ \t]*=")),
    ("FastAPI", re.compile(r"CORSMiddleware|fastapi|starlette")),
    ("Express", re.compile(r"require\(['\"]cors['\"]\)|from ['\"]cors['\"]|express")),
    ("NestJS", re.compile(r"@nestjs/|enableCors\(|NestFactory")),
    ("Rails", re.compile(r"Rack::Cors|Rails\.application")),
    ("boto3", re.compile(r"boto3|update_api\(|CorsConfiguration=")),
)
_HOW = {
    "CDK": "Paste what cdk synth prints, or get-api's answer.",
    "Pulumi": "Paste get-api's answer, or the program as Pulumi YAML.",
    "CDKTF": "Paste what cdktf synth writes (cdk.tf.json).",
}
_SST = ("new", "sst", ".", "aws", ".")
_SST_DEFAULTS = {"allowHeaders": ["*"], "allowMethods": ["*"], "allowOrigins": ["*"]}
_DURATION = re.compile(r"(-?[0-9]{1,9}) (second|minute|hour|day)s?")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


_CONSTRUCT = re.compile(
    r"\b(?:corsPreflight|cors_preflight|CorsHttpMethod|CorsPreflightOptions|ApiCorsConfigurationArgs)\b"
)
_REST = re.compile(
    r"(?:Lambda)?RestApi(?:\(|\.Builder\b|Props\b)|RestAPI\(|CfnRestApi|default_?cors_?preflight_?options",
    re.IGNORECASE,
)
_HTTP = re.compile(r"HttpApi\b|apigatewayv2|ApiGatewayV2")


_CHANGED = "This object changes after it is made. Paste what serverless print shows."


class ProgramCode(FormatError):
    """Code of no tool that is known here; it may run commands."""


def read(text: str) -> Document:
    """Return the APIs of serverless.ts or of an SST configuration. Raises FormatError, which names any other tool."""
    if "sst.aws." in text:
        return _sst(text)
    notes: Notes = []
    code = Code(text, notes)
    service = _service(code)
    if service is not None:
        document = serverless.read(service)
        return Document("serverless", [_with_notes(one, notes) for one in document.found])
    _refuse_tools(text)
    raise ProgramCode("This is program code, which cannot be read. Paste a template, or get-api's answer.")


def refuse_construct(text: str) -> None:
    """Raise FormatError for a part of CDK's or Pulumi's code."""
    if _CONSTRUCT.search(text):
        _refuse_tools(text)


def _refuse_tools(text: str) -> None:
    """Raise FormatError for the code of a tool, by its name."""
    for name, pattern in _TOOLS:
        if pattern.search(text):
            if _REST.search(text) and not _HTTP.search(text):
                raise FormatError(f"This is {name} code that makes a REST API, not an HTTP API.")
            how = _HOW.get(name, "Paste get-api's answer.")
            raise FormatError(f"This is {name} code, which cannot be read. {how}")


def _with_notes(one: Found, notes: Notes) -> Found:
    def read_noting(given: Notes) -> CorsPolicy:
        policy = one.read(given)
        given += notes[:50]
        return policy

    return Found(one.name, one.kind, read_noting)


def _service(code: Code) -> Object | None:
    """Return the object that serverless.ts exports: the one with `provider` and `service`, `httpApi` or `functions`."""
    for place, token in enumerate(code.tokens):
        if token.text != "{" or place not in code.match or token.kind != "sign":
            continue
        before = code.tokens[place - 1].text if place else ""
        if before not in ("=", "default", "("):
            continue
        names = {code.tokens[at].text for at in range(place + 1, min(place + 400, code.match[place]))}
        if "provider" in names and names & {"service", "httpApi", "functions"}:
            if any(_changes_cors(path) for path in code.changed.get(place, ())):
                raise FormatError(_CHANGED, line=code.line(place))
            found = code.object(place)
            if "provider" in found:
                return found
    return None


def _changes_cors(path: Sequence[str]) -> bool:
    """Return whether a service's object may get other CORS settings by a change of this member."""
    return all(given in (wanted, "[") for given, wanted in zip(path, ("provider", "httpApi", "cors"), strict=False))


def _sst(text: str) -> Document:
    code = Code(text)
    found: list[Found] = []
    for place in range(len(code.tokens)):
        if not code.matches(place, *_SST) or not code.matches(place + 6, "("):
            continue
        component = code.tokens[place + 5].text
        end = code.match.get(place + 6)
        if component not in ("ApiGatewayV2", "Function") or end is None:
            continue
        name, at = code.value(place + 7)
        arguments = code.value(at + 1)[0] if code.matches(at, ",") and at + 1 < end else None
        shown = name if isinstance(name, str) else ""
        if component == "ApiGatewayV2":
            found.append(_found(code, shown[:200], "http-api", arguments))
        elif isinstance(arguments, dict) and (arguments.get("url") is not None and arguments.get("url") is not False):
            found.append(_found(code, shown[:200], "function-url", arguments["url"]))
    if not found:
        raise FormatError("There is no sst.aws.ApiGatewayV2 here, so no HTTP API is made.")
    return Document("sst", found)


def _found(code: Code, name: str, kind: Kind, arguments: Any) -> Found:
    return Found(name, kind, _reader(code, kind, arguments))


def _reader(code: Code, kind: Kind, arguments: Any) -> Callable[[Notes], CorsPolicy]:
    def read_cors(notes: Notes) -> CorsPolicy:
        notes += code.notes[:50]
        if isinstance(arguments, Unresolved):
            raise unresolved(arguments)
        given = arguments if isinstance(arguments, dict) else {}
        if "..." in given and "cors" not in given:
            raise unresolved(given["..."], "cors")
        transform = given.get("transform")
        if transform is not None and kind == "http-api" and _changes_api(transform):
            raise FormatError("may change CORS. Write the values in cors.", "transform", line_of(given, "transform"))
        return _policy(given.get("cors"), line_of(given, "cors"))

    return read_cors


def _changes_api(transform: Any) -> bool:
    return not isinstance(transform, dict) or "api" in transform or "..." in transform


def _policy(value: Any, line: int | None) -> CorsPolicy:
    """Return the policy of an SST component: on without `cors`, and each list that is left out is `*`."""
    if isinstance(value, Unresolved):
        raise unresolved(value, "cors", line)
    if value is False:
        return CorsPolicy.off()
    if value is not None and value is not True and not isinstance(value, dict):
        raise FormatError("must be an object with the six fields, true or false.", "cors", line)
    given = Object(_SST_DEFAULTS, value if isinstance(value, dict) else {})
    if "..." in given:
        raise unresolved(given["..."], "cors", line)
    age = given.get("maxAge")
    if isinstance(age, str) and (found := _DURATION.fullmatch(age)):
        given["maxAge"] = int(found[1]) * _SECONDS[found[2]]
    elif age is not None and flag_of(age) is None and not isinstance(age, Unresolved):
        raise FormatError('must be a duration, such as "1 hour".', "maxAge", line_of(given, "maxAge"))
    return policy_from(given, CAMEL_NAMES)
