"""Texts that are neither YAML nor JSON, and no configuration of an HTTP API."""

from __future__ import annotations

import re

from apis.cors.formats.format import FormatError

_OTHER_TEXTS = (
    (
        re.compile(r"\A\s*(?:<\?xml[^>\n]{0,200}>\s*)?<(?:\w{1,20}:)?CORS(?:Configuration|Rule)\b"),
        "the CORS of an S3 bucket",
    ),
    (re.compile(r"\A\s*<(?:policies|inbound|cors)\b"), "a policy of Azure API Management"),
    (re.compile(r"\A\s*<[!?A-Za-z]"), "an XML or HTML document"),
    (
        re.compile(r"^\|+[ \t]+(?:GetApis?|UpdateApi|CreateApi|Get\w*FunctionUrlConfig)[ \t]+\|+[ \t]*$", re.MULTILINE),
        "the AWS CLI's table output (paste what --output json prints)",
    ),
    (
        re.compile(r"^(?:resource|module|param)[ \t]+\w+[ \t]+'(?:Microsoft\.|br[:/])[^'\n]*'", re.MULTILINE),
        "an Azure template (Bicep)",
    ),
)


def refuse_others(text: str) -> None:
    """Raise FormatError for a document of another kind that is neither YAML nor JSON, by the name of what it is."""
    for pattern, what in _OTHER_TEXTS:
        if pattern.search(text):
            raise FormatError(f"This is {what}, not the configuration of an HTTP API.")
