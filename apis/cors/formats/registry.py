"""Every format that is written, by its name."""

from __future__ import annotations

from apis.cors.formats.aws_json import JSON
from apis.cors.formats.cdk_java import CDK_JAVA
from apis.cors.formats.cdk_python import CDK_PYTHON
from apis.cors.formats.cdk_typescript import CDK_TYPESCRIPT
from apis.cors.formats.cli import CLI
from apis.cors.formats.cloudformation import CLOUDFORMATION
from apis.cors.formats.format import Format
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
