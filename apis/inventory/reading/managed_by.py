"""Find the tool that manages an API as code, by its tags and name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from apis.inventory.models import HttpApi

Confidence = Literal["certain", "likely", "possible"]

# What people write into tags like managed-by; the longer words first, as "cloudformation" holds no shorter one.
_ALIASES = {
    "terraform": "terraform", "terragrunt": "terraform", "opentofu": "terraform", "tofu": "terraform",
    "cloudformation": "cloudformation", "pulumi": "pulumi", "serverless": "serverless", "cdk": "cdk", "awscdk": "cdk",
    "sam": "sam", "sst": "sst",
}  # fmt: skip
_SPEAKING = frozenset({
    "managedby", "createdby", "provisionedby", "deployedby", "maintainedby", "provisioner", "provisioning", "iac",
    "iactool", "tool", "tooling", "deployment", "source",
})  # fmt: skip
_TITLES = {
    "cloudformation": "AWS CloudFormation",
    "sam": "AWS SAM",
    "cdk": "AWS CDK",
    "terraform": "Terraform",
    "pulumi": "Pulumi",
    "serverless": "Serverless Framework",
    "sst": "SST",
}
_FORMATS = {"cdk": "cdk-typescript"}
"""The export for a tool, where it has another name than the tool."""
_STACK, _LOGICAL = "aws:cloudformation:stack-name", "aws:cloudformation:logical-id"
_HASHED = re.compile(r"(?=[A-Za-z0-9]*[a-z])[A-Za-z0-9]+(?=[0-9A-F]*[0-9])(?=[0-9A-F]*[A-F])[0-9A-F]{8}")
_NO = frozenset({"", "false", "no", "0", "none"})


@dataclass(frozen=True, slots=True)
class Owner:
    """A tool that manages an API: `why` names the evidence, `where` its stack, project or service if known."""

    tool: str
    confidence: Confidence
    why: str
    where: str = ""

    @property
    def title(self) -> str:
        """Its name."""
        return _TITLES[self.tool]

    @property
    def format(self) -> str:
        """The export that fits into its files, by the name that `cors.formats` has for it."""
        return _FORMATS.get(self.tool, self.tool)

    @property
    def display_name(self) -> str:
        """The tool's name, with its stack, project or service if known."""
        return f"{self.title} ({self.where})" if self.where else self.title

    @property
    def sentence(self) -> str:
        """What this means for an edit made here."""
        words = {"certain": "manages", "likely": "likely manages", "possible": "may manage"}[self.confidence]
        return f"{self.display_name} {words} this API: {self.why}. {self.consequence}"

    @property
    def consequence(self) -> str:
        """What becomes of an edit made here, in one sentence."""
        then = "If so, its" if self.confidence == "possible" else "Its"
        return f"{then} next deployment will undo edits made here."

    def as_json(self) -> dict[str, str]:
        """Return it for REST."""
        return {"tool": self.tool, "name": self.title, "confidence": self.confidence, "why": self.why}


def owner_of(api: HttpApi) -> Owner | None:
    """Return the tool that manages an API, or None."""
    return next(_evidence({str(key): str(value) for key, value in api.tags.items()}, api.name), None)


def _evidence(tags: Mapping[str, str], name: str) -> Iterator[Owner]:
    """Return what the tags show, the most certain first. Only CloudFormation can set tags that begin with aws:."""
    stack = tags.get(_STACK, "")
    if "sst:app" in tags:
        yield Owner("sst", "certain", "SST sets the tag sst:app", f"app {tags['sst:app']}")
    if stack:
        yield _of_stack(tags, stack)
    for key in ("pulumi:project", "pulumi:stack"):
        if key in tags:
            yield Owner("pulumi", "certain", f"it has the tag {key}={tags[key]}")
    if tags.get("httpapi:createdBy") == "SAM":
        yield Owner("sam", "certain", "SAM sets the tag httpapi:createdBy=SAM")
    yield from _spoken(tags)
    stage = tags.get("STAGE", "")
    if stage:
        likely = name.startswith(f"{stage}-") or name.endswith(f"-{stage}")
        why = f"Serverless Framework sets a tag STAGE, here {stage}" + (
            ", and names APIs like this one" if likely else ""
        )
        yield Owner("serverless", "likely" if likely else "possible", why, f"stage {stage}")
    if any(key.startswith("aws:cdk:") for key in tags):
        yield Owner("cdk", "likely", "it has a CDK tag")
    if _HASHED.fullmatch(name):
        yield Owner("cdk", "possible", f"its name {name} ends like an id from CDK")


def _of_stack(tags: Mapping[str, str], stack: str) -> Owner:
    """Return CloudFormation, or the tool that generates its templates."""
    where, stage, logical = f"stack {stack}", tags.get("STAGE", ""), tags.get(_LOGICAL, "")
    if tags.get("httpapi:createdBy") == "SAM":
        return Owner("sam", "certain", "SAM sets the tag httpapi:createdBy=SAM", where)
    if stage and stack.endswith(f"-{stage}"):
        why = f"its stack is named after its tag STAGE={stage}, as in Serverless Framework"
        return Owner("serverless", "likely", why, where)
    if any(key.startswith("aws-cdk") for key in tags) or _HASHED.fullmatch(logical):
        return Owner("cdk", "likely", f"its logical id {logical or 'and its tags'} looks like CDK's", where)
    return Owner("cloudformation", "certain", f"the tag {_STACK} shows it", where)


def _spoken(tags: Mapping[str, str]) -> Iterator[Owner]:
    """Yield tags that people set to say it, such as managed-by=terraform."""
    for key, value in tags.items():
        tool, plain = _tool_in(value), re.sub(r"[^a-z]", "", key.lower())
        if plain in _SPEAKING and tool:
            yield Owner(tool, "likely", f"its tag {key}={value} shows it")
        elif plain in ("terraform", "opentofu"):
            if value.lower() not in _NO:
                yield Owner("terraform", "likely", f"it has the tag {key}={value}")
        elif plain.startswith(("terraform", "tfworkspace", "tfmodule")):
            yield Owner("terraform", "possible", f"it has the tag {key}={value}")


def _tool_in(value: str) -> str:
    """Return the tool that a tag's value names, alone or among other words, as in `Terraform v1.6`; "" for none."""
    letters = re.sub(r"[^a-z]", "", value.lower())
    if letters in _ALIASES:
        return _ALIASES[letters]
    # Sam is a person's name too, so it counts alone only.
    words = [word for word in re.findall(r"[a-z]+", value.lower()) if word in _ALIASES and word != "sam"]
    return _ALIASES[words[0]] if words else ""


def refused(api: HttpApi) -> str:
    """Return why an API that another tool owns is not edited from here; empty when it may be.

    The account shows it, where more than a hint mentions an owner, or CORSDASH_REFUSE_EDIT_TAG names one of its tags.
    """
    owner = owner_of(api)
    for rule in settings.CORSDASH_REFUSE_EDIT_TAG:
        key, equals, value = (part.strip() for part in rule.partition("="))
        if key in api.tags and (not equals or str(api.tags[key]) == value):
            return f"APIs with the tag {rule} are not edited here (CORSDASH_REFUSE_EDIT_TAG). {_instead(owner)}"
    if api.account.refuse_owned and owner is not None and owner.confidence != "possible":
        whose = f"{owner.display_name} manages this one"
        words = f"The account {api.account.name} refuses direct edits of APIs managed as code, and {whose}."
        return f"{words} {_instead(owner)}"
    return ""


def _instead(owner: Owner | None) -> str:
    what = f"for {owner.title}" if owner else "as code"
    return f"Make the change where the API is defined; the plan shows it {what}."
