"""Explains a call: drawn step by step, the verdict, the field that decides, and the edits with which it would work."""

from apis.cors.explain.causes.cause_entry import CauseEntry
from apis.cors.explain.causes.causes import CAUSES, Cause
from apis.cors.explain.diagnosis import Diagnosis, cause_of, diagnose
from apis.cors.explain.explanation import Explanation, explain
from apis.cors.explain.questions import Ask
from apis.cors.explain.sequence import Step
from apis.cors.explain.suggested_fixes import SuggestedFix
from apis.cors.explain.target import Target

__all__ = [
    "CAUSES",
    "Ask",
    "Cause",
    "CauseEntry",
    "Diagnosis",
    "Explanation",
    "Step",
    "SuggestedFix",
    "Target",
    "cause_of",
    "diagnose",
    "explain",
]
