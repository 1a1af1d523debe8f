"""Templates of a channel's messages: checked when they are saved, previewed with a real event, safe to render.

Templates are Django's, with few tags and filters and no loading. They see plain values alone. Receivers' markup is not
their matter: each kind of channel escapes the text for its receiver.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Node, NodeList, Origin, Parser, TokenType, Variable
from django.template.defaulttags import FirstOfNode, ForNode, WithNode
from django.utils import timezone

from apis.access import audit
from apis.access.audit import By
from apis.alerting.channels import InvalidFields, kind_of
from apis.alerting.channels.message import Message, cut
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import events
from apis.alerting.sending.template_samples import CLOSED, OPENED
from apis.alerting.sending.wording import build_message, message_of

MOST_TEMPLATE = {"title_template": 500, "body_template": 5000}
MOST_TITLE, MOST_BODY = 500, 4000
VARIABLES = {
    "title": "The usual title, in one line",
    "reason": "Why it failed, in the words of the first probe",
    "cause": "The likely cause",
    "action": "What to do",
    "url": "The page about it",
    "source": "The API, account or channel that it is about",
    "group": "Its account and region",
    "event": "Such as incident.opened",
    "kind": "The kind of alert, as in rules",
    "severity": "critical, error, warning or info",
    "status": "problem, resolved or notice",
    "at": "When it happened; a date",
    "api": "The first API: name, api_id, account, region, url",
    "apis": "Every API, up to 20",
    "probes": "Probes: name, origin, method, path, reason, url",
    "incident": "The incident: id, summary, failing_since, url",
    "change": "The change: summary, actor, at, url",
    "data": "All data, as a webhook gets it",
}
"""What a template may name, with what it is."""


class _Engine(Engine):
    default_builtins = ["apis.alerting.sending.safe_tags"]


_ENGINE = _Engine(dirs=[], app_dirs=False, loaders=[], autoescape=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as templates make it, and the event that it is about."""

    event: str
    at: datetime
    is_sample: bool
    title: str
    body: str


def save_templates(user: By, channel: Channel, title_template: str, body_template: str) -> None:
    """Store a channel's templates; empty ones for the usual message. Raises InvalidFields."""
    given = check_templates(channel, title_template, body_template)
    before = {name: getattr(channel, name) for name in given}
    for name, text in given.items():
        setattr(channel, name, text)
    channel.save(update_fields=list(given))
    if changed := [name for name, text in given.items() if text != before[name]]:
        audit.record(user, "changed a channel's message", channel.name, fields=changed)


def check_templates(channel: Channel, title_template: str, body_template: str) -> dict[str, str]:
    """Return templates as they are stored. Raises InvalidFields, which says what is wrong with which."""
    given = {
        "title_template": title_template.strip(),
        "body_template": body_template.replace("\r\n", "\n").strip(),
    }
    errors = {}
    for name, text in given.items():
        if text and not kind_of(channel).is_for_people:
            errors[name] = f"{kind_of(channel).label} channels send data, not text."
        elif text and (error := _error(name, text, channel)):
            errors[name] = error
    if errors:
        raise InvalidFields(errors)
    return given


def preview(channel: Channel, title_template: str, body_template: str) -> Preview:
    """Return the last real event's message by these templates, or a sample's without one. Raises InvalidFields."""
    given = check_templates(channel, title_template, body_template)
    last = _last_event(channel)
    message = message_of(last) if last else next(_samples())
    shown = _render(message, given["title_template"], given["body_template"])
    text = shown.text.removesuffix(shown.url).rstrip("\n") if shown.url else shown.text
    return Preview(message.event, message.at, last is None, shown.title, text)


def message_for(delivery: Delivery) -> tuple[Message, str]:
    """Return a delivery's message by its channel's templates, and why these were not used, or ""."""
    message, channel = message_of(delivery), delivery.channel
    if not (channel.title_template or channel.body_template):
        return message, ""
    try:
        return _render(message, channel.title_template, channel.body_template), ""
    except Exception as error:
        return message, cut(f"The channel's template failed ({_words(error)}), so the usual message was sent.", 300)


def _render(message: Message, title: str, body: str) -> Message:
    context = _context(message)
    if title:
        shown = " ".join(Template(title, engine=_ENGINE).render(Context(context, autoescape=False)).split())
        if not shown:
            raise ValueError("the title is empty")
        shown = "".join(sign for sign in shown if sign.isprintable())
        message = replace(message, title=cut(shown, MOST_TITLE), is_custom=True)
    if body:
        text = Template(body, engine=_ENGINE).render(Context(context, autoescape=False)).strip()
        text = "".join(sign for sign in text if sign.isprintable() or sign == "\n")
        message = replace(message, body=cut(text, MOST_BODY), is_custom=True)
    return message


def _context(message: Message) -> dict[str, Any]:
    """Return what a template sees: copies, so that it changes nothing of the message."""
    data = json.loads(json.dumps(message.data))
    names = ("title", "reason", "cause", "action", "url", "source", "group", "event", "severity", "status", "at")
    values: dict[str, Any] = {name: getattr(message, name) for name in names}
    api = data.get("api") or {}
    return values | {
        "kind": data.get("kind", ""),
        "api": api,
        "apis": data.get("apis") or ([api] if api else []),
        "probes": data.get("probes") or [],
        "incident": data.get("incident") or {},
        "change": data.get("suspected_change") or data.get("change") or {},
        "data": data,
    }


def _error(name: str, text: str, channel: Channel) -> str:
    """Return what is wrong with a template, or ""."""
    if len(text) > MOST_TEMPLATE[name]:
        return f"Use at most {MOST_TEMPLATE[name]} characters."
    if "\0" in text:
        return "Must not contain a null character."
    try:
        unknown = _unknown_names(text)
    except TemplateSyntaxError as error:
        return _syntax(error)
    if unknown:
        return f"Unknown: {', '.join(sorted(unknown))}. Known are: {', '.join(VARIABLES)}."
    last = _last_event(channel)
    for message in [*([message_of(last)] if last else []), *_samples()]:
        try:
            _render(message, *((text, "") if name == "title_template" else ("", text)))
        except Exception as error:
            return f"It fails for the event {message.event}: {_words(error)}."
    return ""


def _syntax(error: TemplateSyntaxError) -> str:
    token = getattr(error, "token", None)
    words = str(error)
    if found := re.match(r"Invalid block tag on line \d+: '(\w+)'", words):
        words = f"There is no tag {found[1]} here."
    elif found := re.match(r"Invalid filter: '(\w+)'", words):
        words = f"There is no filter {found[1]} here."
    return f"Line {token.lineno}: {words}" if token is not None else words


def _words(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


class _Names(Parser):
    """Notes the variables that a template names."""

    def __init__(self, text: str) -> None:
        tokens = Lexer(text).tokenize()
        for token in tokens:
            if token.token_type == TokenType.TEXT and (open_one := re.search(r"\{[{%]", token.contents)):
                line = (token.lineno or 1) + token.contents[: open_one.start()].count("\n")
                raise TemplateSyntaxError(f"Line {line}: {open_one[0]} is not closed.")
        super().__init__(tokens, {}, _ENGINE.template_builtins, Origin("message"))
        self.used: set[str] = set()

    def compile_filter(self, token: str) -> FilterExpression:
        found = super().compile_filter(token)
        arguments = [value for _, given in found.filters for is_name, value in given if is_name]
        for one in (found.var, *arguments):
            if isinstance(one, Variable) and one.lookups:
                self.used.add(one.lookups[0])
        return found


def _unknown_names(text: str) -> set[str]:
    """Return the names that are neither variables of a message nor made by the template."""
    parser = _Names(text)
    made = {name for node in _nodes(parser.parse()) for name in _made(node)}
    return parser.used - made - VARIABLES.keys() - {"True", "False", "None"}


def _nodes(nodes: NodeList) -> Iterator[Node]:
    yield from nodes.get_nodes_by_type(Node)


def _made(node: Node) -> Iterator[str]:
    if isinstance(node, ForNode):
        yield from (*node.loopvars, "forloop")
    elif isinstance(node, WithNode):
        yield from node.extra_context
    elif isinstance(node, FirstOfNode) and node.asvar:
        yield node.asvar


def _last_event(channel: Channel) -> Delivery | None:
    """Return the newest message of a channel that is no test, else that of any channel."""
    real = Delivery.objects.exclude(event=events.TEST).order_by("-created_at", "-id")
    return real.filter(channel=channel).first() or real.first()


def _samples() -> Iterator[Message]:
    """Give an incident that opens and one that closes."""
    samples: Mapping[str, dict[str, Any]] = {events.OPENED: OPENED, events.CLOSED: CLOSED}
    for event, data in samples.items():
        yield build_message("msg_sample", event, timezone.now(), data)
