"""Accounts, HTTP APIs, their CORS configurations and changes, and the runs of the sync."""

from apis.inventory.models.accounts import Account
from apis.inventory.models.apis import AllowedOrigin, CorsConfiguration, HttpApi
from apis.inventory.models.baselines import Baseline, BaselineViolation
from apis.inventory.models.changes import Attribution, Change, ChangeOrigin, DriftAnswer
from apis.inventory.models.fields import NoteField
from apis.inventory.models.syncs import SyncRegion, SyncRun

__all__ = [
    "Account",
    "AllowedOrigin",
    "Attribution",
    "Baseline",
    "BaselineViolation",
    "Change",
    "ChangeOrigin",
    "CorsConfiguration",
    "DriftAnswer",
    "HttpApi",
    "NoteField",
    "SyncRegion",
    "SyncRun",
]
