"""The origins that APIs let in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from apis.inventory import origins as verbs
from apis.rest import request_schemas, response_schemas, serializers
from apis.rest.api import ERRORS
from apis.rest.paging import page

router = Router(tags=["apis"])


@router.get("origins", response={200: response_schemas.Page[response_schemas.Origin], **ERRORS})
def origins(request: HttpRequest, listing: Query[request_schemas.OriginListing]) -> dict[str, Any]:
    """Every entry of AllowOrigins in use, by its text; `GET apis?origin=` tells which APIs admit one."""
    rows = verbs.in_use(search=listing.search, account=listing.account, flag=listing.flag)
    found = page(request, rows, ("value",), dict, listing.limit, listing.cursor)
    return {**found, "items": [serializers.origin(one) for one in verbs.described(found["items"])]}
