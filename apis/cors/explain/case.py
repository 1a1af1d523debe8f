"""One call to diagnose, with everything that the rules of its cause look at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from apis.cors.browser import judge
from apis.cors.call import Leg, first_leg
from apis.cors.exchange import Request, Verdict
from apis.cors.explain.causes.config_causes import is_response_header
from apis.cors.explain.explanation import Explanation
from apis.cors.explain.target import Target, is_usable
from apis.cors.gateway import Prediction, preflight
from apis.cors.hosts import Host, host_of_url
from apis.cors.paste import Reading


@dataclass(frozen=True, slots=True)
class Case:
    """A reading, the API, the assumed call with the parts that the text does not state, and the prediction.

    `seen` is what a browser decides of the response that was pasted, None without one or without the page's origin.
    """

    reading: Reading
    target: Target
    request: Request
    assumed: frozenset[str]
    explanation: Explanation | None
    seen: Verdict | None = field(init=False)

    def __post_init__(self) -> None:
        """Judge the response once: most rules ask for the verdict."""
        observed = self.reading.observed
        object.__setattr__(self, "seen", judge(observed) if observed and self.origin_known else None)

    @property
    def host(self) -> Host:
        """What the URL's host is."""
        return host_of_url(self.request.url)

    @property
    def known(self) -> bool:
        """Whether the API's configuration is known."""
        return self.target.policy is not None

    @property
    def origin_known(self) -> bool:
        """Whether the text states the page's origin."""
        return "origin" not in self.reading.missing

    @property
    def url_known(self) -> bool:
        """Whether the text states the URL."""
        return is_usable(self.reading.url)

    @property
    def reached(self) -> bool:
        """Whether the URL is an address of the API, as far as that is known."""
        return not self.url_known or self.target.path(self.request.url) is not None

    @property
    def leg(self) -> Leg:
        """The call as Chrome sends it."""
        return first_leg(self.request, "chrome")[0]

    @property
    def proven(self) -> Request:
        """The call with only what the text shows, without headers that no request should send."""
        request = self.request
        if "method" in self.assumed:
            request = replace(request, method="GET")
        headers = self.reading.headers
        return replace(request, headers=tuple(pair for pair in headers if not is_response_header(pair[0])))

    @property
    def proven_leg(self) -> Leg:
        """The proven part of the call as Chrome sends it."""
        return first_leg(self.proven, "chrome")[0]

    @property
    def was_allowed(self) -> bool:
        """Whether a browser would allow the response that was pasted: then nothing is to be explained."""
        return self.seen is not None and self.seen.allowed

    @property
    def preflight(self) -> Prediction | None:
        """The predicted answer to the preflight of this call, whether or not browsers send one."""
        if self.target.policy is None or not self.url_known:
            return None
        target = self.target
        return preflight(self.target.policy, self.request, target.routes, target.stages, bases=target.bases)
