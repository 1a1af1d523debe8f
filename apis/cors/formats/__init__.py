"""The ways to write a CORS configuration: each format is one module, and this is the list of them.

`FORMATS[name].export(policy, context)` writes, `.parse(text)` reads, `detect_and_parse(text)` finds out which it is,
`read_apis(text)` returns every API of a text, `read_list(text)` the entries of one field. What cannot be read ends
in FormatError and in nothing else.
"""

from apis.cors.formats.aws_json import JSON
from apis.cors.formats.cdk_java import CDK_JAVA
from apis.cors.formats.cdk_python import CDK_PYTHON
from apis.cors.formats.cdk_typescript import CDK_TYPESCRIPT
from apis.cors.formats.cli import CLI
from apis.cors.formats.cloudformation import CLOUDFORMATION
from apis.cors.formats.detect import detect_and_parse, read_api, read_apis
from apis.cors.formats.format import ExportContext, Format, FormatError
from apis.cors.formats.found import StatedApi
from apis.cors.formats.lists import read_list
from apis.cors.formats.openapi import OPENAPI
from apis.cors.formats.pulumi import PULUMI
from apis.cors.formats.pulumi_python import PULUMI_PYTHON
from apis.cors.formats.pulumi_yaml import PULUMI_YAML
from apis.cors.formats.sam import SAM
from apis.cors.formats.serverless import SERVERLESS
from apis.cors.formats.sst import SST
from apis.cors.formats.terraform import TERRAFORM

FORMATS: dict[str, Format] = {
    written.name: written
    for written in (
        CLI,
        CLOUDFORMATION,
        SAM,
        CDK_TYPESCRIPT,
        CDK_PYTHON,
        CDK_JAVA,
        TERRAFORM,
        PULUMI,
        PULUMI_PYTHON,
        PULUMI_YAML,
        SERVERLESS,
        SST,
        OPENAPI,
        JSON,
    )
}
"""Every format that is written, by its name, in the order in which pages list them."""

__all__ = [
    "FORMATS",
    "ExportContext",
    "Format",
    "FormatError",
    "StatedApi",
    "detect_and_parse",
    "read_api",
    "read_apis",
    "read_list",
]
