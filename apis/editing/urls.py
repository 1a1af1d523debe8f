"""Pages of editing's rooms."""

from django.urls import URLPattern, URLResolver, include, path

_ROOMS = ("panel", "apply", "review", "grants", "bulk")

urlpatterns: list[URLPattern | URLResolver] = [path("", include(f"apis.editing.{room}.urls")) for room in _ROOMS]
