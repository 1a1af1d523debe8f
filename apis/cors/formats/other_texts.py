"""Texts that are neither YAML nor JSON, and no configuration of an HTTP API."""

from __future__ import annotations

import re

from apis.cors.formats.format import FormatError

_LINES = re.MULTILINE | re.IGNORECASE
_OTHER_TEXTS = (
    (
        re.compile(r"\A\s*(?:<\?xml[^>\n]{0,200}>\s*)?<(?:\w{1,20}:)?CORS(?:Configuration|Rule)\b"),
        "the CORS of an S3 bucket",
    ),
    (re.compile(r"\A\s*<(?:policies|inbound|cors)\b"), "a policy of Azure API Management"),
    (
        re.compile(r"\A\s*<If(?:Module|Version|Defined?)\b|\A\s*<(?:VirtualHost|Directory|Location)\b"),
        "an Apache configuration",
    ),
    (re.compile(r"\A\s*<[!?A-Za-z]"), "an XML or HTML document"),
    (
        re.compile(r"\A(?:\s|#[^\n]*+\n)*+\[{1,2}[A-Za-z][\w.-]*\]{1,2}[ \t]*+(?:#[^\n]*+)?\r?\n\s*+[\w.-]++[ \t]*+="),
        "a TOML or INI file",
    ),
    (
        re.compile(r"^\|+[ \t]+(?:GetApis?|UpdateApi|CreateApi|Get\w*FunctionUrlConfig)[ \t]+\|+[ \t]*$", re.MULTILINE),
        "the AWS CLI's table output (paste what --output json prints)",
    ),
    (
        re.compile(r"^[^#\n]{0,200}(?<![\w-])(?:New|Update|Get)-AG2Api\b", _LINES),
        "a command of AWS Tools for PowerShell (paste what aws apigatewayv2 get-api prints)",
    ),
    (
        re.compile(r"^(?:resource|module|param)[ \t]+\w+[ \t]+'(?:Microsoft\.|br[:/])[^'\n]*'", re.MULTILINE),
        "an Azure template (Bicep)",
    ),
)


_SERVERS_AND_CLOUDS = (
    (
        re.compile(r"^[ \t]*(?:more_set_headers|add_header)[ \t]+['\"]?Access-Control-", _LINES),
        "an nginx configuration",
    ),
    (re.compile(r"^[ \t]*Header[ \t]+[\w \t]{1,40}['\"]?Access-Control-", _LINES), "an Apache configuration"),
    (
        re.compile(r"^[ \t]*http-(?:after-)?response[ \t]+\w+-header[ \t]+Access-Control-", _LINES),
        "a HAProxy configuration",
    ),
    (re.compile(r"^[ \t]*(?:\$[ \t]+)?az[ \t]+[^\n]*?\bcors\b", _LINES), "a command of Azure's CLI"),
    (
        re.compile(r"^[ \t]*(?:\$[ \t]+)?(?:gsutil|gcloud)[ \t]+[^\n]*?\bcors\b", _LINES),
        "a command of Google Cloud's CLI",
    ),
    (re.compile(r"schema\.management\.azure\.com/"), "an Azure template (ARM)"),
    (re.compile(r"\"urn:pulumi:"), "the state of a Pulumi stack"),
    (re.compile(r"\bquarkus\.http\.cors\b"), "the configuration of a Quarkus application"),
    (re.compile(r"\bglobalcors\b|^[ \t]*spring\.", _LINES), "the configuration of a Spring application"),
    (re.compile(r"\bAccess-Control-Allow-Origin\b", re.IGNORECASE), "the setting of another server's response headers"),
)
"""Texts of which nothing else is known."""


def refuse_servers_and_clouds(text: str) -> None:
    """Raise FormatError for the configuration of another server or cloud, by the name of what it is."""
    for pattern, what in _SERVERS_AND_CLOUDS:
        if pattern.search(text):
            raise FormatError(f"No CORS configuration of an HTTP API was found here: this is {what}.")


def refuse_others(text: str) -> None:
    """Raise FormatError for a document of another kind that is neither YAML nor JSON, by the name of what it is."""
    for pattern, what in _OTHER_TEXTS:
        if pattern.search(text):
            raise FormatError(f"This is {what}, not the configuration of an HTTP API.")
