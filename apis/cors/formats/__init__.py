"""The ways to write a CORS configuration down: each format is one module, and this is the list of them.

`FORMATS[name].export(policy, context)` writes, `.parse(text)` reads, `detect_and_parse(text)` finds out which it is,
`read_list(text)` reads the entries of one field. What cannot be read ends in FormatError and in nothing else.
"""

from apis.cors.formats.aws_json import JSON
from apis.cors.formats.cdk_python import CDK_PYTHON
from apis.cors.formats.cdk_typescript import CDK_TYPESCRIPT
from apis.cors.formats.cli import CLI
from apis.cors.formats.cloudformation import CLOUDFORMATION
from apis.cors.formats.detect import detect_and_parse
from apis.cors.formats.format import ExportContext, Format, FormatError
from apis.cors.formats.lists import read_list
from apis.cors.formats.openapi import OPENAPI
from apis.cors.formats.pulumi import PULUMI
from apis.cors.formats.sam import SAM
from apis.cors.formats.serverless import SERVERLESS
from apis.cors.formats.terraform import TERRAFORM

FORMATS: dict[str, Format] = {
    written.name: written
    for written in (
        CLI,
        CLOUDFORMATION,
        SAM,
        CDK_TYPESCRIPT,
        CDK_PYTHON,
        TERRAFORM,
        PULUMI,
        SERVERLESS,
        OPENAPI,
        JSON,
    )
}
"""Every format by its name, in the order in which pages list them."""

__all__ = ["FORMATS", "ExportContext", "Format", "FormatError", "detect_and_parse", "read_list"]
