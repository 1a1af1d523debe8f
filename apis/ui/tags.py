"""Tags and filters that every page may use: icons, statuses, times, chips, fields, pagers, heartbeat bars.

They draw and decide nothing; what they are given is escaped by `format_html` or by the partial in templates/ui/. Only
times and names of states, which need no escaping, are put into SafeString as they are: a page has hundreds of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from apis.access.roles import can, role_of
from apis.ui.states import KINDS, POINTS, UNKNOWN, shown

register = template.Library()

WIDE_OPEN = frozenset({"*", "https://*", "http://*"})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A break may come after slashes and before a dot.
_BREAKS = re.compile(r"(?<=/)(?=[^/,])|(?<=[^./])(?=\.)")
_PARTIES = {"browser": "browser", "gateway": "API Gateway", "backend": "backend", "page": "page"}


class _Shape(NamedTuple):
    """How a bar of `heartbeat` is named and drawn."""

    word: str
    top: int
    height: int


_BEATS = {
    "passed": _Shape("passed", 6, 12),
    "failed": _Shape("failed", 0, 24),
    "error": _Shape("no answer", 0, 24),
    "none": _Shape("not run", 10, 4),
}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Return an icon of the sprite. Decoration unless `label` says what it means."""
    return _icon(name, label, css, _sprite(settings.STATIC_URL))


@lru_cache
def _sprite(_release: str) -> str:
    """Return the sprite's address in this release; a list asks for it hundreds of times."""
    return static("ui/icons.svg")


@lru_cache(512)
def _icon(name: str, label: str, css: str, sprite: str) -> SafeString:
    accessible = format_html(' role="img" aria-label="{}"', label) if label else SafeString(' aria-hidden="true"')
    return format_html('<svg class="icon {}"{}><use href="{}#{}"/></svg>', css, accessible, sprite, name)


@register.simple_tag
def status(kind: str, word: str, css: str = "") -> SafeString:
    """Draw icon, word and colour together. Kinds: success, error, warning, info, pending, stopped, running."""
    drawn = icon(KINDS.get(kind, KINDS[UNKNOWN]), css="spin" if kind == "running" else "")
    return format_html('<span class="status {} {}">{} {}</span>', kind, css, drawn, word)


@register.simple_tag
def state(subject: str, value: object, css: str = "") -> SafeString:
    """Draw a state of the table in `apis.ui.states`: `{% state "probe" probe.state %}`."""
    return _state(subject, str(value), css, _sprite(settings.STATIC_URL))


@lru_cache(512)
def _state(subject: str, value: str, css: str, sprite: str) -> SafeString:
    kind, word = shown(subject, value)
    drawn = _icon(KINDS[kind], "", "spin" if kind == "running" else "", sprite)
    return format_html('<span class="status {} {}" data-state="{}">{} {}</span>', kind, css, value, drawn, word)


@register.simple_tag
def state_icon(subject: str, value: object, colon: bool = False) -> SafeString:
    """Draw a state's icon alone, with its word for screen readers."""
    kind, word = shown(subject, str(value))
    return icon(KINDS[kind], label=f"{word}:" if colon else word)


@register.simple_tag
def point(subject: str, value: object) -> SafeString:
    """Draw the point of a timeline's event."""
    points = POINTS[subject]
    colour, name = points.get(str(value)) or points[""]
    return format_html('<span class="point {}">{}</span>', colour, icon(name))


@register.filter
def may(user: Any, what: str) -> bool:
    """Return whether the person may "view", "edit" or "admin": for what a page offers. Views guard themselves."""
    return can(user, what)


@register.filter
def party(name: str) -> str:
    """Return what a sequence calls one of its parties."""
    return _PARTIES[name]


@register.filter
def role_name(user: Any) -> str:
    """Return the person's role in one word."""
    role = role_of(user)
    return role.label if role else ""


@register.filter
def breakable(text: object) -> SafeString:
    """Let a heading break at the dots and slashes of host names and paths, and between words first."""
    return format_html_join(" ", "{}", ((_breakable(word),) for word in str(text).split(" ")))


def _breakable(word: str) -> str:
    parts = _BREAKS.split(word)
    if len(parts) == 1:
        return word
    return format_html(
        '<span class="breakable">{}</span>', format_html_join(SafeString("<wbr>"), "{}", ((one,) for one in parts))
    )


@register.simple_tag
def crumb(text: str, url_name: str = "", *args: Any) -> SafeString:
    """Return one breadcrumb; the last one has no address."""
    words = breakable(text)
    if not url_name:
        return format_html('<li><span aria-current="page">{}</span></li>', words)
    return format_html('<li><a href="{}">{}</a></li>', reverse(url_name, args=args), words)


def _utc(value: datetime) -> tuple[str, str]:
    """Return a time exactly and as text. Neither needs to be escaped."""
    value = value.astimezone(UTC)
    exact = value.isoformat(timespec="seconds")
    return exact, f"{value.day} {_MONTHS[value.month - 1]} {value.year}, {exact[11:19]} UTC"


@register.simple_tag
def moment(value: datetime | None, empty: str = "–") -> SafeString:
    """Return a point in time, in UTC until time.js shows it in the viewer's zone. Of nothing's time Django makes ""."""
    if not value:
        return format_html('<span class="muted">{}</span>', empty)
    exact, text = _utc(value)
    return SafeString(f'<time datetime="{exact}" data-time="full">{text}</time>')


@register.simple_tag
def ago(value: datetime | None, empty: str = "never") -> SafeString:
    """Return how long ago, with the exact time as its title; the UTC time where time.js does not run."""
    if not value:
        return format_html('<span class="muted">{}</span>', empty)
    exact, text = _utc(value)
    return SafeString(f'<time datetime="{exact}" data-time="ago" title="{text}">{text}</time>')


@register.filter
def duration(seconds: float | None) -> str:
    """Return seconds in words, the two largest units: 86400 → "1 day", 5400 → "1 hour 30 minutes"."""
    if seconds is None:
        return "–"
    left, words = int(seconds), []
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(words[:2]) or "0 seconds"


@register.simple_tag
def place(api: Any) -> SafeString:
    """Return the account and the region of an API, the region in one piece."""
    return format_html('{} · <span class="nowrap">{}</span>', api.account.name, api.region)


@register.simple_tag
def link_to(row: Any, css: str = "") -> SafeString:
    """Return a probe or a channel by its name, with the way to its page unless it was deleted."""
    if row.deleted_at:
        return format_html('<span class="{}">{}</span> <span class="muted">(deleted)</span>', css, row.name)
    return format_html('<a class="{}" href="{}">{}</a>', css, row.get_absolute_url(), row.name)


@register.simple_tag
def chips(values: Iterable[str], limit: int = 0, css: str = "") -> SafeString:
    """Draw values as chips; those over `limit` are counted and named in the last one's title. `*` stands out."""
    entries = list(values)
    if not entries:
        return SafeString('<span class="muted">–</span>')
    shown = entries[:limit] if limit and len(entries) > limit else entries
    drawn = format_html_join(
        "", '<li class="chip{}">{}</li>', ((" wide-open" if one in WIDE_OPEN else "", one) for one in shown)
    )
    more, rest = SafeString(""), entries[len(shown) :]
    if rest:
        named = Truncator(", ".join(rest)).chars(600)
        more = format_html('<li class="chip more" title="{}">+{} more</li>', named, len(rest))
    return format_html('<ul class="chips {}">{}{}</ul>', css, drawn, more)


@register.inclusion_tag("ui/code.html")
def code(text: str, label: str = "", name: str = "") -> dict[str, Any]:
    """Return a block of code with a copy button. `name` says to screen readers what is copied."""
    return {"text": text, "label": label, "name": name or label or "code"}


@register.inclusion_tag("ui/copy.html")
def copy(text: str, name: str = "") -> dict[str, Any]:
    """Return a small button that copies `text`, for besides an id or an address."""
    return {"text": text, "name": name or text}


@register.inclusion_tag("ui/forms/field.html")
def field(
    bound: BoundField, constraint: str = "", label: str = "", css: str = "", needed: bool = False
) -> dict[str, Any]:
    """Return a form field: label, its help text as description, the control, a constraint line, its errors.

    `needed`: the form asks for it under the circumstances in which it is shown, so that it is not called optional.
    """
    widget, id_ = bound.field.widget, bound.auto_id
    group = isinstance(widget, (CheckboxSelectMultiple, RadioSelect))
    described = [
        f"{id_}_{part}"
        for part, there in (("description", bound.help_text), ("constraint", constraint), ("errors", bound.errors))
        if there
    ]
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors and not group:
        attrs["aria-invalid"] = "true"
    if css:
        attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()
    return {
        "bound": bound,
        "label": label or bound.label,
        "constraint": constraint,
        "group": group,
        "described": " ".join(described),
        "single": isinstance(widget, CheckboxInput),
        "control": "" if group else bound.as_widget(attrs=attrs),
        "optional": not needed and not bound.field.required and not isinstance(widget, CheckboxInput) and not group,
    }


@register.inclusion_tag("ui/forms/fields.html")
def fields(form: Any) -> dict[str, Any]:
    """Show a whole form: the errors of the form, then each visible field."""
    return {"form": form}


@register.simple_block_tag
def empty_state(content: str, icon: str, title: str, action_url: str = "", action: str = "") -> str:
    """Say why a list is empty, with the text between the tags, and link to what to do about it."""
    context = {"icon": icon, "title": title, "text": content, "action_url": action_url, "action": action}
    return render_to_string("ui/empty.html", context)


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context,
    name: str,
    icon: str,
    label: str,
    keys: str = "",
    waiting: object = 0,
    word: str = "",
    apart: bool = False,
) -> SafeString:
    """Link to a section in the side navigation.

    `name` is the URL's name; `keys` lists the sections that mark it as current. `waiting` is the number in its badge,
    `word` says what the number counts, and `apart` adds a gap above it.
    """
    section: str = context.get("section") or ""
    is_current = section != "" and section in keys
    count = str(waiting) if waiting else ""
    return _nav_item(name, icon, label, is_current, count, word, apart, settings.STATIC_URL)


@lru_cache(512)
def _nav_item(
    name: str, icon: str, label: str, is_current: bool, waiting: str, word: str, apart: bool, _release: str
) -> SafeString:
    """Every page has the same nine, so that each is drawn once."""
    item = {"name": name, "icon": icon, "label": label, "is_current": is_current}
    return render_to_string("ui/nav_item.html", item | {"waiting": waiting, "word": word, "apart": apart})


@register.filter
def total(page: Page) -> str:
    """Return how many rows a list has; of a log that is not counted to its end, about how many or at least: "25+"."""
    if getattr(page.paginator, "is_counted", True):
        return str(page.paginator.count)
    estimate: int = getattr(page.paginator, "estimate", 0)
    return f"about {estimate:,}" if estimate > page.end_index() else f"{page.end_index()}+"


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: Page, what: str = "") -> dict[str, Any]:
    """Return where one is in a list and the way to its other pages; keeps the rest of the query. `what`: "APIs".

    A log that is not counted to its end (`LogPages`) has more pages than are known.
    """
    numbers: list[Any] = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    if not getattr(page.paginator, "is_counted", True):
        numbers.append(page.paginator.ELLIPSIS)
    return {
        "page": page,
        "what": what,
        "numbers": numbers,
        "ellipsis": page.paginator.ELLIPSIS,
        "request": context["request"],
    }


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, text: str, current: str, css: str = "") -> SafeString:
    """Return a column head that sorts by `key`, the other way round when the list is sorted by it already."""
    up, down = current == key, current == f"-{key}"
    query = context["request"].GET.copy()
    query["sort"] = f"-{key}" if up else key
    query.pop("page", None)
    state = format_html(' aria-sort="{}"', "ascending" if up else "descending") if up or down else SafeString("")
    arrow = icon("chevron-up" if up else "chevron-down" if down else "arrow-up-down")
    return format_html(
        '<th scope="col" class="{}"{}><a href="?{}">{}{}</a></th>', css, state, query.urlencode(), text, arrow
    )


@register.simple_tag
def heartbeat(results: Sequence[Any], cells: int = 40) -> SafeString:
    """Return the last `cells` results as a bar, oldest at the left; `results` come newest first.

    A result has `at`, `passed` (None: nothing known) and `error`, which says that no answer came. State shows by height
    as well as by colour: passed is short, failed is tall, unknown is a dot.
    """
    newest = [(_beat_state(result), result.at) for result in results[:cells]]
    bars = [_bar(place, "none", "no result yet") for place in range(cells - len(newest))]
    for place, (state, at) in enumerate(reversed(newest), start=len(bars)):
        bars.append(_bar(place, state, f"{_BEATS[state].word}, {_utc(at)[1]}"))
    states = [state for state, _ in newest]
    passed, failed = states.count("passed"), states.count("failed") + states.count("error")
    return SafeString(
        '<svg class="heartbeat" role="img"'
        f' aria-label="Last {len(newest)} runs: {passed} passed, {failed} failed"'
        f' viewBox="0 0 {cells * 8} 24" preserveAspectRatio="none">{"".join(bars)}</svg>'
    )


def _beat_state(result: Any) -> str:
    if result.passed is None:
        return "none"
    return "passed" if result.passed else "error" if result.error else "failed"


def _bar(place: int, state: str, title: str) -> str:
    _, top, height = _BEATS[state]
    shape = f'x="{place * 8 + 1}" y="{top}" width="6" height="{height}" rx="3"'
    return f'<rect class="{state}" {shape}><title>{title}</title></rect>'
