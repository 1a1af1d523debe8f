"""The stored counts of findings equal what the rules find, whatever changes in AWS or here."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apis.cors.lint import findings
from apis.cors.policy import CorsPolicy
from apis.demo.serve import Demo
from apis.editing.apply import applying
from apis.inventory import finding_counts
from apis.inventory.history.history import Author
from apis.inventory.lint_context import context_of
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.reading import sync
from tests.demo.clients import control, new_api

REGION = "ca-central-1"
DOMAIN = "api.example.com"
CORS: list[dict[str, Any]] = [
    {},
    {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600},
    {"AllowOrigins": ["https://a.example", "http://localhost:3000", "HTTPS://B.example/"], "AllowMethods": ["*"]},
]
NAMES = ["orders", "orders-production", "orders-dev"]
TAGS = [{}, {"env": "production"}, {"aws:cloudformation:stack-name": "orders"}]
STEPS = st.sampled_from(
    [("edit", cors) for cors in (None, *CORS)]
    + [("drift", cors) for cors in CORS[1:]]
    + [("route", key) for key in ("ANY /items/{proxy+}", "OPTIONS /{proxy+}", "GET /items", "$default")]
    + [("authorizer", key) for key in ("ANY /{proxy+}", "OPTIONS /orders")]
    + [("target", "GET /orders")]
    + [("stage", is_automatic) for is_automatic in (True, False)]
    + [("domain", is_mutual) for is_mutual in (True, True, False)]
    + [("no domain", None), ("endpoint", True), ("endpoint", False)]
    + [("name", name) for name in NAMES]
    + [("tags", tags) for tags in TAGS]
    + [("rules", None)]
    + [("sync", None), ("refresh", None)] * 4
)


@pytest.fixture
def account(demo: Demo, db: None, settings: Any) -> Account:
    """A region of the demo with nothing else in it."""
    settings.CORSDASH_CALLS_PER_S = 1000
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    return Account.objects.create(name="demo", regions=[REGION], endpoint_url=demo.endpoint)


class World:
    """One API in AWS and its mirror."""

    def __init__(self, demo: Demo, account: Account, api_id: str, editor: User) -> None:
        self.aws, self.account, self.api_id, self.editor = control(demo, REGION), account, api_id, editor
        self.sync()

    @property
    def row(self) -> HttpApi:
        """The API as the mirror has it."""
        return HttpApi.objects.select_related("account", "current").get(api_id=self.api_id)

    def sync(self) -> None:
        """Mirror the region."""
        [region] = sync.start(account=self.account).regions.select_related("account", "run")
        sync.run_region(region)
        region.refresh_from_db()
        assert region.error == ""

    def step(self, name: str, what: Any) -> None:
        """Change something in AWS, or let corsdash do something."""
        aws, api = self.aws, {"ApiId": self.api_id}
        if name in ("sync", "refresh"):
            self.sync() if name == "sync" else sync.refresh(self.row)
        elif name == "edit":
            self.edit(CorsPolicy.from_aws(what))
        elif name == "drift":
            aws.update_api(**api, CorsConfiguration=what)
        elif name == "route":
            self.add_route(what)
        elif name == "authorizer":
            self.add_route(what, AuthorizationType="JWT", AuthorizerId=self.add_authorizer())
        elif name == "target":
            made = aws.create_integration(**api, IntegrationType="HTTP_PROXY", IntegrationUri="https://x.example")
            self.add_route(what, Target=f"integrations/{made['IntegrationId']}")
        elif name == "stage":
            aws.update_stage(**api, StageName="$default", AutoDeploy=what)
        elif name in ("domain", "no domain"):
            self.set_domain(what)
        elif name == "endpoint":
            aws.update_api(**api, DisableExecuteApiEndpoint=what)
        elif name == "name":
            aws.update_api(**api, Name=what)
        elif name == "tags":
            held = aws.get_api(**api).get("Tags", {})
            arn = f"arn:aws:apigateway:{REGION}::/apis/{self.api_id}"
            aws.untag_resource(ResourceArn=arn, TagKeys=list(held) or ["none"])
            aws.tag_resource(ResourceArn=arn, Tags=what)
        elif name == "rules":
            HttpApi.objects.update(errors=9, warnings=9, counted_by="older rules")
            self.sync()

    def edit(self, proposed: CorsPolicy) -> None:
        """Apply a configuration from here, unless it is what is live."""
        self.sync()
        if proposed != self.row.policy and CorsPolicy.from_aws(CORS[2]) != proposed:
            change = applying.begin(self.row, proposed, None, Author(Change.Kind.PANEL, user=self.editor))
            assert applying.carry_out(change).status == "applied"

    def add_route(self, key: str, **given: Any) -> None:
        """A route, in place of the one with its key."""
        for route in self.aws.get_routes(ApiId=self.api_id)["Items"]:
            if route["RouteKey"] == key:
                self.aws.delete_route(ApiId=self.api_id, RouteId=route["RouteId"])
        self.aws.create_route(ApiId=self.api_id, RouteKey=key, **given)

    def add_authorizer(self) -> str:
        """The id of a new JWT authorizer."""
        made = self.aws.create_authorizer(
            ApiId=self.api_id, AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"], Name="jwt",
            JwtConfiguration={"Audience": ["a"], "Issuer": "https://login.example"},
        )  # fmt: skip
        return str(made["AuthorizerId"])

    def set_domain(self, is_mutual: bool | None) -> None:
        """One custom domain with or without mutual TLS, or none."""
        for domain in self.aws.get_domain_names()["Items"]:
            self.aws.delete_domain_name(DomainName=domain["DomainName"])
        if is_mutual is not None:
            mutual = {"MutualTlsAuthentication": {"TruststoreUri": "s3://b/ca.pem"}} if is_mutual else {}
            self.aws.create_domain_name(DomainName=DOMAIN, **mutual)
            self.aws.create_api_mapping(ApiId=self.api_id, DomainName=DOMAIN, Stage="$default", ApiMappingKey="")


def counts(row: HttpApi) -> tuple[int, int, dict[str, list[str]]]:
    """What is stored: errors, warnings, and the flags of each origin."""
    return row.errors, row.warnings, {one.value: one.flags.split() for one in row.allowed_origins.all()}


def counted(row: HttpApi) -> tuple[int, int, dict[str, list[str]]]:
    """The same, found by the rules now."""
    found = findings(row.policy, context_of(row))
    errors, warnings = (sum(one.severity == severity for one in found) for severity in ("error", "warning"))
    finding_counts.update(row)
    return errors, warnings, {one.value: one.flags.split() for one in row.allowed_origins.all()}


@pytest.mark.once
@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=12))
def test_stored_counts_equal_the_findings(
    demo: Demo, account: Account, editor: User, steps: list[tuple[str, Any]]
) -> None:
    with new_api(demo, region=REGION, CorsConfiguration=CORS[1]) as api_id:
        world = World(demo, account, api_id, editor)
        try:
            for step in steps:
                world.step(*step)
                stored = counts(world.row)
                assert stored == counted(world.row), step
        finally:
            world.set_domain(None)


def test_a_domain_with_mutual_tls_raises_the_count_of_the_list(
    demo: Demo, account: Account, editor: User, signed_in: Client
) -> None:
    with new_api(demo, region=REGION, CorsConfiguration=CORS[1]) as api_id:
        world = World(demo, account, api_id, editor)
        try:
            listed = []
            for is_mutual in (False, True, False):
                world.set_domain(is_mutual)
                world.sync()
                page = signed_in.get("/apis/", {"problems": "warning"})
                listed.append([api.warnings for api in page.context["page"]])
            assert listed == [[], [1], []]
        finally:
            world.set_domain(None)
