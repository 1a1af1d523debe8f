"""What came of a probe's runs: single results, the exchanges that they share, and changes of state."""

from __future__ import annotations

from typing import Any

from django.db import models

from apis.inventory.models import CorsConfiguration
from apis.jobs.sparse import SparseChars, SparseJSON, SparseText
from apis.probing.history import exchanges, timings
from apis.probing.models.probes import Probe


class StoredExchange(models.Model):
    """What one or more runs of a probe got, under one configuration: the exchange and its verdict, or the error.

    Most runs repeat the last one, so results share these rows. Headers that differ with every response, such as
    `Date`, have no value here (see apis.probing.history.exchanges).
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    exchange = models.JSONField(null=True)
    verdict = models.JSONField(null=True)
    error = models.TextField(blank=True)
    configuration = models.ForeignKey(CorsConfiguration, models.SET_NULL, null=True, related_name="+")
    # The last day on which a result got this, so that what no result refers to any more can be deleted.
    used_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["probe", "digest"], name="one_stored_exchange_per_digest")]

    def __str__(self) -> str:
        return f"exchange {self.pk} of {self.probe_id}"


class Results(models.Manager["Result"]):
    """Results, which load what they share for all rows of a list at once."""

    def get_queryset(self) -> models.QuerySet[Result]:
        """Fetch related rows for all results of a list by one query."""
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


class Result(models.Model):
    """One run of a probe. `error` is set when there was no answer to judge; `verdict` and `exchange` are None then.

    `not_run` names what this machine lacked to make the call (apis.outbound.Lack). Such a row says nothing of the
    target: `passed` is None, and states, availability and alerts leave it out.

    `exchange`, `verdict`, `code`, `error`, `configuration` and `timings` read the shared and packed columns. Results
    of earlier versions have columns of their own for them (`own_…`).
    """

    # In the order of their lengths, longest first, for PostgreSQL pads each column of 8 bytes to a multiple of 8. A
    # column that is null takes no space: most rows fill the first six columns and `packed_timings`.
    probe = models.ForeignKey(Probe, models.CASCADE, related_name="results", db_index=False)
    at = models.DateTimeField()
    # No index and no constraint: nothing looks results up by it, and each would cost as much as the column.
    stored = models.ForeignKey(
        StoredExchange, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    own_configuration = models.ForeignKey(
        CorsConfiguration, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False,
        db_column="configuration_id",
    )  # fmt: skip
    passed = models.BooleanField(null=True)
    allowed = models.BooleanField(null=True)
    # True when a maintenance window covered the API then: availability leaves this run out.
    maintenance = models.BooleanField(null=True)
    # True when a flip or a probe's state refers to it although its day was pruned; only PostgreSQL needs it, whose
    # partitions it selects (see apis.probing.runs.partitions).
    kept = models.BooleanField(null=True)
    packed_timings = models.BinaryField(null=True)
    not_run = SparseChars(max_length=20, blank=True, default="")
    # How the host failed to take a connection, one of calls.UNREACHABLE; null when it did.
    unreachable = models.CharField(max_length=12, null=True)
    # The expectations besides the verdict that were not met, as [field, expected, observed]; None when all were.
    unmet = models.JSONField(null=True)
    # What started it: "schedule", "person" or a Change: to prove it ("change:12"), or right before it ("before:12").
    cause = SparseChars(max_length=40, default="schedule")
    varying = models.JSONField(null=True)
    own_code = SparseChars(max_length=60, blank=True, default="", db_column="code")
    own_verdict = models.JSONField(null=True, db_column="verdict")
    own_exchange = models.JSONField(null=True, db_column="exchange")
    own_timings = SparseJSON(default=dict, db_column="timings")
    own_error = SparseText(blank=True, default="", db_column="error")

    objects = Results()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["probe", "at"], name="result_by_probe_and_time"),
            models.Index(
                fields=["own_configuration"],
                name="result_by_configuration",
                condition=~models.Q(own_configuration=None),
            ),
            models.Index(fields=["cause"], name="result_by_cause", condition=models.Q(cause__startswith="change:")),
        ]

    def __str__(self) -> str:
        return f"{self.probe_id} {'passed' if self.passed else 'not run' if self.not_run else 'failed'}"

    @property
    def exchange(self) -> dict[str, Any] | None:
        """What went over the wire; the values of varying headers only where this row keeps them."""
        return exchanges.join(self.stored.exchange, self.varying) if self.stored else self.own_exchange

    @exchange.setter
    def exchange(self, value: dict[str, Any] | None) -> None:
        self.own_exchange = value

    @property
    def verdict(self) -> dict[str, Any] | None:
        """What a browser decides of the exchange."""
        return self.stored.verdict if self.stored else self.own_verdict

    @verdict.setter
    def verdict(self, value: dict[str, Any] | None) -> None:
        self.own_verdict = value

    @property
    def code(self) -> str:
        """The verdict's code; empty when the call is allowed or was not judged."""
        return ((self.stored.verdict or {}).get("code") or "") if self.stored else self.own_code

    @code.setter
    def code(self, value: str) -> None:
        self.own_code = value

    @property
    def error(self) -> str:
        """Why there was nothing to judge."""
        return self.stored.error if self.stored else self.own_error

    @error.setter
    def error(self, value: str) -> None:
        self.own_error = value

    @property
    def configuration(self) -> CorsConfiguration | None:
        """The API's configuration at that time, as far as it was known."""
        return self.stored.configuration if self.stored else self.own_configuration

    @configuration.setter
    def configuration(self, value: CorsConfiguration | None) -> None:
        self.own_configuration = value

    @property
    def timings(self) -> dict[str, Any]:
        """Milliseconds by leg and phase."""
        packed = self.packed_timings
        if packed is None:
            return timings.read(self.own_timings, None)
        # Whoever stores a run reads them several times.
        known: tuple[Any, dict[str, Any]] | None = self.__dict__.get("_unpacked")
        if known is None or known[0] is not packed:
            known = self.__dict__["_unpacked"] = packed, timings.unpack(bytes(packed))
        return known[1]

    @timings.setter
    def timings(self, value: dict[str, Any]) -> None:
        self.own_timings = value

    def keep_timings(self, packed: bytes | None, known: dict[str, Any]) -> None:
        """Set the timings, of which `packed` is the short form; they are not unpacked to be read."""
        self.packed_timings = packed
        if packed is None:
            self.own_timings = known
        else:
            self.__dict__["_unpacked"] = packed, known

    @property
    def latency(self) -> float | None:
        """How long the calls took together, in milliseconds; None where no answer came."""
        return timings.total(self.timings) if self.passed is not None and not self.error else None


class Flip(models.Model):
    """A probe's state changed. The row is also the intent to notify: `alerting` marks it handled.

    `failing_since` and `last_passed_at` are the probe's when it changed.
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="flips")
    at = models.DateTimeField()
    before = models.CharField(max_length=8)
    after = models.CharField(max_length=8)
    result = models.ForeignKey(Result, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_passed_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["id"], name="flip_unhandled", condition=models.Q(handled_at=None)),
            models.Index(fields=["probe", "-at"], name="flip_by_probe"),
            models.Index(fields=["last_passed_at"], name="flip_by_last_pass", condition=~models.Q(last_passed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.probe_id}: {self.before} → {self.after}"
