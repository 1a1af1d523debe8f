"""Probes, their results, roll-ups and changes of state, and what the prober knows of its surroundings."""

from apis.probing.models.environment import AnsweringEndpoint, HostCertificate, NetworkOutage, Tick
from apis.probing.models.probes import CALL, EXPECTATIONS, ActiveManager, Probe, ProbeSet
from apis.probing.models.results import Flip, Result, Results, StoredExchange
from apis.probing.models.rollups import Rollup

__all__ = [
    "CALL",
    "EXPECTATIONS",
    "ActiveManager",
    "AnsweringEndpoint",
    "Flip",
    "HostCertificate",
    "NetworkOutage",
    "Probe",
    "ProbeSet",
    "Result",
    "Results",
    "Rollup",
    "StoredExchange",
    "Tick",
]
