"""The one way to take up work that must survive a crash: claim, lease, finish or retry.

A row is claimed by one UPDATE that must hit it, so that of any number of workers one gets it. The claim is held under a
lease; the lease's end is also the mark by which a worker knows that the row is still its own. When a worker dies, its
lease runs out and another takes the row up where it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from apis.jobs import lease
from apis.jobs.clock import AHEAD


@dataclass(frozen=True, slots=True)
class Retry:
    """When a row is due again: the time in a column.

    A time further ahead than the pause that led to it was set before the clock was set back: the row is due at once.
    `pauses`: the longest pause after so many tries, which the column `tries` counts; the last one holds from there on.
    `planned`: a column with the time before which nothing is due, however far ahead; `planned_at`: one with the time at
    which that was decided: with it ahead, the clock was set back since.
    `last_try`: when the row was last tried or made; with it ahead, the clock was set back since.
    """

    column: str
    pauses: Sequence[timedelta]
    tries: str = ""
    planned: str = ""
    planned_at: str = ""
    last_try: Any = None

    def due(self, now: datetime) -> Q:
        """Match the rows whose time has come, or makes no sense."""
        last = len(self.pauses) - 1
        nonsense = Q(self._after(now + self.pauses[last]))
        if self.tries:
            for count, pause in enumerate(self.pauses[:last]):
                nonsense |= Q(self._after(now + pause), **{self.tries: count})
        if self.last_try is not None:
            nonsense |= Q(GreaterThan(self.last_try, now + AHEAD))
        if self.planned:
            nonsense &= Q(**{self.planned: None}) | Q(**{f"{self.planned}__lte": now})
        if self.planned_at:
            nonsense |= Q(**{f"{self.planned_at}__gt": now + AHEAD})
        return Q(**{f"{self.column}__lte": now}) | (Q(**{f"{self.column}__gt": now}) & nonsense)

    def _after(self, at: datetime) -> Q:
        return Q(**{f"{self.column}__gt": at + AHEAD})


MOST_DUE = 500
"""So many rows are handed out by one sweep; the rest by the next."""


@dataclass(frozen=True, slots=True)
class Claims[Row: Model]:
    """How the rows of one table are taken up.

    `ready`: which rows wait to be taken up at a moment. `held`: which may be held by a worker, and are taken up again
    when its lease is over. `claiming`: what a claim sets besides the lease. `related` is loaded along with a claim.
    """

    table: type[Row]
    lasts: timedelta
    ready: Callable[[datetime], Q]
    held: Q
    claiming: dict[str, Any] = field(default_factory=dict)
    related: tuple[str, ...] = ()

    def due(self, now: datetime | None = None) -> Q:
        """Match what a worker should take up: what is ready, and what a dead worker left."""
        now = now or timezone.now()
        return self.ready(now) | (self.held & lease.over(now))

    def due_rows(self) -> QuerySet[Row]:
        """Return the rows that a worker should take up."""
        return self.table._default_manager.filter(self.due())

    def due_ids(self) -> list[int]:
        """Return the keys of the rows that a worker should take up, the earliest first, at most MOST_DUE of them."""
        return list(self.due_rows().order_by("try_at", "id").values_list("pk", flat=True)[:MOST_DUE])

    def claim(self, pk: int, now: datetime | None = None) -> Row | None:
        """Take a row up; None when it is not due or another worker has it."""
        now = now or timezone.now()
        rows = self.table._default_manager.filter(self.due(now), pk=pk)
        if not rows.update(leased_until=now + self.lasts, **self.claiming):
            return None
        claimed = self.table._default_manager.all()
        return (claimed.select_related(*self.related) if self.related else claimed).get(pk=pk)

    def mine(self, row: Row) -> QuerySet[Row]:
        """Return the claimed row, as long as it is still this worker's; nothing once another has taken it up."""
        return self.table._default_manager.filter(self.held, pk=row.pk, leased_until=row.leased_until)  # type: ignore[attr-defined]

    def finish(self, row: Row, **values: Any) -> bool:
        """Store how the work ended and give the row up; False, storing nothing, when it is another worker's by now.

        To have it tried again, `values` put it back among the rows that are ready.
        """
        return bool(self.mine(row).update(leased_until=None, **values))
