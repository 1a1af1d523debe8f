"""Gathers the rooms' tables for Django."""

from apis.access.models import ApiToken, AuditEvent, CacheEntry, PasswordLinks, SignInTries
from apis.alerting.models import (
    AlertNotice,
    AppriseAcceptance,
    Attempt,
    Channel,
    Delivery,
    Incident,
    IncidentNote,
    IncidentProbe,
    OngoingAlert,
    ProposalNotice,
)
from apis.alerting.rules.models import Decision, Maintenance, Rule
from apis.alerting.status_pages.models import StatusPage
from apis.aws.models import CallSlot
from apis.demo.models import DemoHistory
from apis.editing.apply.models import ReviewRule
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.grants.models import Grant
from apis.editing.review.models import Proposal, ProposalEvent
from apis.inventory.models import (
    Account,
    AllowedOrigin,
    Attribution,
    Baseline,
    BaselineViolation,
    Change,
    ChangeOrigin,
    CorsConfiguration,
    DriftAnswer,
    HttpApi,
    SyncRegion,
    SyncRun,
)
from apis.jobs.models import Counter
from apis.probing.models import (
    AnsweringEndpoint,
    Flip,
    HostCertificate,
    NetworkOutage,
    Probe,
    Result,
    Rollup,
    StoredExchange,
    Tick,
)

__all__ = [
    "Account",
    "AlertNotice",
    "AllowedOrigin",
    "AnsweringEndpoint",
    "ApiToken",
    "AppriseAcceptance",
    "Attempt",
    "Attribution",
    "AuditEvent",
    "Baseline",
    "BaselineViolation",
    "BulkItem",
    "BulkJob",
    "CacheEntry",
    "CallSlot",
    "Change",
    "ChangeOrigin",
    "Channel",
    "CorsConfiguration",
    "Counter",
    "Decision",
    "Delivery",
    "DemoHistory",
    "DriftAnswer",
    "Flip",
    "Grant",
    "HostCertificate",
    "HttpApi",
    "Incident",
    "IncidentNote",
    "IncidentProbe",
    "Maintenance",
    "NetworkOutage",
    "OngoingAlert",
    "PasswordLinks",
    "Probe",
    "Proposal",
    "ProposalEvent",
    "ProposalNotice",
    "Result",
    "ReviewRule",
    "Rollup",
    "Rule",
    "SignInTries",
    "StatusPage",
    "StoredExchange",
    "SyncRegion",
    "SyncRun",
    "Tick",
]
