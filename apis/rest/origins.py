"""The origins that APIs let in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from apis.inventory import origins as verbs
from apis.rest import answers, bodies, records
from apis.rest.door import ERRORS
from apis.rest.paging import page

router = Router(tags=["apis"])


@router.get("origins", response={200: answers.Page[answers.Origin], **ERRORS})
def origins(request: HttpRequest, listing: Query[bodies.OriginListing]) -> dict[str, Any]:
    """Every entry of AllowOrigins in use, by its text; `GET apis?origin=` tells which APIs admit one."""
    rows = verbs.in_use(search=listing.search, account=listing.account, flag=listing.flag)
    found = page(request, rows, ("value",), dict, listing.limit, listing.cursor)
    return {**found, "items": [records.origin(one) for one in verbs.described(found["items"])]}
