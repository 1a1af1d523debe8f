"""What script can read of an answer before and after a change: the headers that ExposeHeaders gives and takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from apis.cors.exchange import Answer
from apis.cors.fields import exposed
from apis.cors.origin_match import response_lines
from apis.cors.policy import CorsPolicy

SOMEBODY = "https://any-other-site.example"
"""Stands for a site that is not listed, where a wildcard lets such sites in."""
_ANY_HEADER = "x-any-other-header"  # stands for any header that is not listed, where `*` exposes such headers
_NAMES_SHOWN = 5


class Reading(NamedTuple):
    """The headers of an answer that script can no longer read after the change, and those that it can read again."""

    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """One sentence; "" when nothing differs."""
        parts = [f"can no longer read {_join_few(self.lost)}"] if self.lost else []
        parts += [f"can now read {_join_few(self.gained)}"] if self.gained else []
        return f"Scripts {' and '.join(parts)}." if parts else ""


AS_BEFORE = Reading()


def read(before: CorsPolicy, after: CorsPolicy, include: bool) -> Reading:
    """Return what a page that both sides allowed can read of an answer with every header that either exposes."""
    names = {name.lower() for name in (*before.expose_headers, *after.expose_headers)}
    sent = tuple((name, "") for name in sorted({_ANY_HEADER if name == "*" else name for name in names}))
    old, new = (exposed(Answer(200, sent + response_lines(side, SOMEBODY)), include) for side in (before, after))
    # Which of the headers of CORS itself are there differs from side to side, and no page reads them.
    listed = [name for name, _ in sent]
    lost = tuple(name for name in listed if name in old and name not in new)
    return Reading(lost, tuple(name for name in listed if name in new and name not in old))


def _join_few(names: Sequence[str]) -> str:
    """Return the first names as a part of a sentence, the one that stands for any last and in words."""
    listed = [name for name in names if name != _ANY_HEADER]
    shown = listed[:_NAMES_SHOWN]
    shown += [f"{len(listed) - len(shown)} more"] if len(listed) > len(shown) else []
    shown += ["headers that are not listed"] if _ANY_HEADER in names else []
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
