"""Every format that is written, by its name."""

from __future__ import annotations

from apis.cors.formats.code.cdk_java import CDK_JAVA
from apis.cors.formats.code.cdk_python import CDK_PYTHON
from apis.cors.formats.code.cdk_typescript import CDK_TYPESCRIPT
from apis.cors.formats.code.pulumi import PULUMI
from apis.cors.formats.code.pulumi_python import PULUMI_PYTHON
from apis.cors.formats.code.sst import SST
from apis.cors.formats.commands.cli import CLI
from apis.cors.formats.documents.aws_json import JSON
from apis.cors.formats.documents.cloudformation import CLOUDFORMATION
from apis.cors.formats.documents.openapi import OPENAPI
from apis.cors.formats.documents.pulumi_yaml import PULUMI_YAML
from apis.cors.formats.documents.sam import SAM
from apis.cors.formats.format import Format
from apis.cors.formats.serverless.serverless import SERVERLESS
from apis.cors.formats.terraform.terraform import TERRAFORM

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
