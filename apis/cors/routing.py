"""Which route of an HTTP API takes a request (developer guide, "Create routes": the most specific match wins)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from apis.cors.origins import parse_url

DEFAULT = "$default"
"""The key of the catch-all route, and the name of the stage without a prefix."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route: its key ("GET /items", "ANY /{proxy+}", "$default"), who must be authorized and by which authorizer.

    `target` is the integration; empty when there is none or it is not known. `identity` is where its authorizer looks
    for who calls ("$request.header.Authorization"), empty when nowhere in particular, None when that is not known.
    """

    key: str
    authorization: str = "NONE"
    authorizer: str = ""
    target: str = ""
    identity: tuple[str, ...] | None = None

    @property
    def method(self) -> str:
        """The method that it takes, ANY for all; so does `$default`."""
        return "ANY" if self.key == DEFAULT else self.key.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path as in its key; empty for `$default`."""
        return "" if self.key == DEFAULT else self.key.partition(" ")[2]


def who_answers(routes: Sequence[Route], method: str, path: str) -> Route | None:
    """Return the route of a method and a path (without the stage): a full match, then a greedy path, then `$default`.

    Fixed segments go before path variables and a longer fixed part before a shorter one; for one path a named method
    goes before ANY. None when no route matches, which API Gateway answers with 404.
    """
    segments = tuple(path.partition("?")[0].split("/")[1:])
    best: Route | None = None
    best_rank: tuple[object, ...] = ()
    for route in routes:
        if route.method not in (method, "ANY"):
            continue
        rank = _rank(route.key, segments)
        if rank is None:
            continue
        whole = (*rank, route.method == method)
        if best is None or whole > best_rank:
            best, best_rank = route, whole
    return best


def sample_path(routes: Sequence[Route], method: str) -> str | None:
    """Return a path at which a route takes a method; None when none does, "/" when no route is known.

    A route of that very method goes before ANY, and one without variables before one with them.
    """
    if not routes:
        return "/"
    taking = [route for route in routes if route.method in (method, "ANY")]
    if not taking:
        return None
    best = min(taking, key=lambda route: (route.method != method, route.key == DEFAULT, "{" in route.path))
    return "/".join("x" if "{" in part else part for part in best.path.split("/")) or "/"


def _rank(key: str, segments: tuple[str, ...]) -> tuple[int, tuple[int, ...]] | None:
    """Return how well a route's path matches, more is better; None when it does not."""
    if key == DEFAULT:
        return (0, ())
    pattern = _pattern(key)
    greedy = bool(pattern) and pattern[-1] == "{+}"
    fixed = pattern[:-1] if greedy else pattern
    if greedy:
        if len(segments) <= len(fixed) or not any(segments[len(fixed) :]):
            return None
    elif len(segments) != len(fixed):
        return None
    found = []
    for wanted, given in zip(fixed, segments, strict=False):
        if wanted == "{}":
            if not given:
                return None
            found.append(1)
        elif wanted == given:
            found.append(2)
        else:
            return None
    return (1 if greedy else 2, tuple(found))


@lru_cache(maxsize=4096)
def _pattern(key: str) -> tuple[str, ...]:
    """Return a key's path by segments; `{}` stands for a variable, `{+}` for a greedy one at the end."""
    segments = key.partition(" ")[2].split("/")[1:]
    found = []
    for place, segment in enumerate(segments):
        if segment.startswith("{") and segment.endswith("}"):
            last = place == len(segments) - 1
            found.append("{+}" if segment.endswith("+}") and last else "{}")
        else:
            found.append(segment)
    return tuple(found)


def path_in_api(url: str, stages: Sequence[str] | None = None, bases: Sequence[str] | None = None) -> str | None:
    """Return the path of a URL as routes see it; None when the URL is at none of the API's addresses.

    With `bases` it is what follows the longest of them that fits. Else the first segment is taken for a stage when it
    names one of `stages`; without such a prefix only `$default` answers. A custom domain stands for a stage already,
    so there nothing is taken away; without either, the path is the whole path.
    """
    host, path = _split(url)
    if bases is not None:
        base = base_of(url, bases)
        return None if base is None else path[len(_split(base)[1].rstrip("/")) :] or "/"
    if stages is None or not is_default_endpoint(host):
        return path
    first, slash, rest = path[1:].partition("/")
    if first and first != DEFAULT and first in stages:
        return "/" + rest if slash else "/"
    return path if DEFAULT in stages else None


def base_of(url: str, bases: Sequence[str]) -> str | None:
    """Return the longest address that a URL is under, a named host before a wildcard; None without one.

    Hosts are compared as browsers send them, without regard to case or to the scheme's own port. The `*` of a custom
    domain `*.example.com` stands for one label (developer guide, "Wildcard custom domain names").
    """
    return max(
        (base for base in bases if _is_under(url, base)), key=lambda base: ("//*." not in base, len(base)), default=None
    )


def is_default_endpoint(host: str) -> bool:
    """Return whether a host is an API's own execute-api name or an emulator's on this machine (not a custom domain)."""
    host = host.lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    local = name == "localhost" or name.endswith(".localhost") or name.startswith(("127.", "["))
    return local or ".execute-api." in host or host.startswith("execute-api.")


def _is_under(url: str, base: str) -> bool:
    given, wanted = parse_url(url), parse_url(base)
    if given is None or wanted is None or (given.scheme, given.port) != (wanted.scheme, wanted.port):
        return False
    any_label = wanted.host.startswith("*.")
    if given.host != wanted.host and not (any_label and given.host.partition(".")[2] == wanted.host[2:]):
        return False
    path, prefix = _split(url)[1], _split(base)[1].rstrip("/")
    return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/")


def _split(url: str) -> tuple[str, str]:
    """Return the host with port and the path of an absolute URL, without query and fragment."""
    rest = url.partition("://")[2] if "://" in url else url
    rest = rest.partition("#")[0].partition("?")[0]
    host, slash, path = rest.partition("/")
    return host, slash + path if slash else "/"
