"""Whether an API can be edited from here."""

from __future__ import annotations

from apis.inventory.models import HttpApi
from apis.inventory.reading import managed_by


def refusal_reason(api: HttpApi) -> str:
    """Return why an API cannot be edited from here, also by the owner's rule, "" when it can."""
    return impossible_reason(api) or managed_by.refused(api)


def impossible_reason(api: HttpApi) -> str:
    """Return why no one can edit an API from here, "" when it can be edited."""
    if api.gone_at:
        return "This API no longer exists in AWS."
    if api.account.read_only:
        return (
            f"The account {api.account.name} is read-only in corsdash. An admin can change that on the account's page."
        )
    if api.managed:
        return "Another AWS service manages this API; API Gateway does not allow changes."
    return ""
