"""Explains a call: drawn step by step, the verdict, the field that decides, and the edits with which it would work."""

from apis.cors.explain.explanation import Explanation, explain
from apis.cors.explain.remedy import Remedy
from apis.cors.explain.sequence import Step

__all__ = ["Explanation", "Remedy", "Step", "explain"]
