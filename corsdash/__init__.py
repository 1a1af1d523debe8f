"""Wiring only: settings, urls, the web and Celery entry points. What corsdash does lives in `apis`."""

from corsdash.celery import app as celery_app

__all__ = ["celery_app"]
