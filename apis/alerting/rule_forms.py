"""The forms of rules and maintenance windows; what they may hold is decided by `rules.edits`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms

from apis.alerting.alerts.occasions import KINDS
from apis.alerting.channels.message import SEVERITIES
from apis.alerting.models import Channel
from apis.alerting.rules.clock import WEEKDAYS
from apis.alerting.rules.models import Maintenance, Rule
from apis.errors import InvalidInput
from apis.inventory.models import Account
from apis.inventory.search import named

NOW_UNTIL = {"1": "1 hour", "4": "4 hours", "24": "1 day"}
_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ScopeForm(forms.Form):
    """What both have in common: a name, and which APIs they concern."""

    name = forms.CharField(max_length=100)
    account = forms.ChoiceField(required=False)
    api = forms.CharField(
        label="API",
        required=False,
        max_length=256,
        help_text="Its name or id, such as a1b2c3d4e5. Leave blank for all APIs.",
    )
    tag = forms.CharField(required=False, max_length=400, help_text="key or key=value. Leave blank for all tags.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = [(str(one.pk), one.name) for one in Account.objects.all()]
        self.fields["account"] = forms.ChoiceField(choices=[("", "All accounts"), *accounts], required=False)

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show what the verb had against the values."""
        for field, message in errors.items():
            self.add_error(field if field in self.fields else None, message)

    def scope(self) -> dict[str, Any]:
        """Return the values that say which APIs. Raises InvalidInput."""
        given = self.cleaned_data
        account, said = int(given["account"] or 0), given["api"].strip()
        api = named(said, account, gone_ids=True) if said else None
        return {
            "name": given["name"],
            "account": account,
            "api": api.pk if api else None,
            "tag": given["tag"],
        }


class RuleForm(ScopeForm):
    """A rule, new or stored."""

    kinds = forms.MultipleChoiceField(
        label="Alerts",
        choices=[(kind, label) for kind, (label, _) in KINDS.items()],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "columns"}),
        required=False,
        help_text="Leave unchecked for every alert.",
    )
    severity = forms.ChoiceField(
        label="Minimum severity", choices=[(one, one.capitalize()) for one in SEVERITIES], initial="info"
    )
    to = forms.ChoiceField(
        label="Channels",
        choices=[("all", "Every channel"), ("some", "Only these")],
        widget=forms.RadioSelect,
        initial="all",
    )
    channels = forms.MultipleChoiceField(
        label="Only these channels", required=False, widget=forms.CheckboxSelectMultiple
    )
    delay = forms.IntegerField(
        label="Delay in minutes",
        min_value=0,
        max_value=43_200,
        initial=0,
        help_text="Notify only if the problem lasts this long.",
    )
    reminder = forms.IntegerField(
        label="Reminder in minutes",
        min_value=0,
        max_value=43_200,
        initial=0,
        help_text="Repeat until acknowledged. 0 sends none.",
    )
    recovery = forms.BooleanField(label="Send a recovery message", required=False, initial=True)
    quiet_from = forms.TimeField(label="Quiet hours from", required=False, widget=_TIME)
    quiet_until = forms.TimeField(label="Quiet hours until", required=False, widget=_TIME)
    quiet_zone = forms.CharField(
        label="Time zone", required=False, max_length=60, help_text="Such as Europe/Berlin. Blank: UTC."
    )
    quiet_mode = forms.ChoiceField(label="In quiet hours", choices=Rule.QuietMode.choices, initial="defer")
    enabled = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, rule: Rule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(rule) if rule else None, **kwargs)
        field = self.fields["channels"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.pk), one.name) for one in Channel.objects.all()[:500]]

    def values(self) -> dict[str, Any]:
        """Return the values as the verb takes them. Raises InvalidInput."""
        given = self.cleaned_data
        kept = ("kinds", "severity", "recovery", "quiet_from", "quiet_until", "quiet_zone", "quiet_mode", "enabled")
        return self.scope() | {
            **{name: given[name] for name in kept},
            "all_channels": given["to"] == "all",
            "channels": [int(one) for one in given["channels"]] if given["to"] == "some" else [],
            "delay": given["delay"] * 60,
            "reminder": given["reminder"] * 60,
        }


def _initial(rule: Rule) -> dict[str, Any]:
    kept = ("name", "kinds", "severity", "recovery", "quiet_from", "quiet_until", "quiet_zone", "quiet_mode", "enabled")
    return {name: getattr(rule, name) for name in kept} | {
        "account": str(rule.account_id or ""),
        "api": rule.api.api_id if rule.api else "",
        "tag": f"{rule.tag_key}={rule.tag_value}" if rule.tag_value else rule.tag_key,
        "to": "all" if rule.all_channels else "some",
        "channels": [str(channel.pk) for channel in rule.channels.all()],
        "delay": rule.delay // 60,
        "reminder": rule.reminder // 60,
    }


class MaintenanceForm(ScopeForm):
    """A maintenance window."""

    repeat = forms.ChoiceField(
        choices=[("now", "From now on"), ("once", "Once"), ("weekly", "Weekly"), ("cron", "Cron expression")],
        widget=forms.RadioSelect,
        initial="now",
        label="When",
    )
    hours = forms.ChoiceField(label="Duration", choices=list(NOW_UNTIL.items()), required=False, initial="1")
    starts_at = forms.CharField(label="From", required=False, help_text="UTC, such as 2027-01-31 18:00.")
    ends_at = forms.CharField(label="Until", required=False, help_text="UTC.")
    weekdays = forms.MultipleChoiceField(
        label="Days",
        choices=[(str(number), day) for number, day in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "columns"}),
        required=False,
    )
    time = forms.TimeField(label="Begins at", required=False, widget=_TIME)
    cron = forms.CharField(
        label="Cron expression", required=False, max_length=100, help_text="Five fields, such as 0 2 * * 1-5."
    )
    minutes = forms.IntegerField(label="Lasts, in minutes", required=False, min_value=1, max_value=10_080)
    zone = forms.CharField(
        label="Time zone", required=False, max_length=60, help_text="Such as Europe/Berlin. Blank: UTC."
    )

    def values(self, now: datetime) -> dict[str, Any]:
        """Return the values as the verb takes them. Raises InvalidInput."""
        given, scope = self.cleaned_data, self.scope()
        if given["repeat"] == "now":
            ends = now + timedelta(hours=int(given["hours"] or 1))
            return scope | {"repeat": Maintenance.Repeat.ONCE, "starts_at": now, "ends_at": ends}
        return scope | {
            "repeat": given["repeat"],
            "starts_at": _utc(given["starts_at"], "starts_at"),
            "ends_at": _utc(given["ends_at"], "ends_at"),
            "weekdays": given["weekdays"],
            "time": given["time"],
            "cron": given["cron"],
            "duration": (given["minutes"] or 0) * 60,
            "zone": given["zone"].strip() or "UTC",
        }


def _utc(text: str, field: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput("Enter a time such as 2027-01-31 18:00.", field) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
