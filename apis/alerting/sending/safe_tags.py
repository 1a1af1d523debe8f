"""The tags and filters that message templates may use: none loads, includes or repeats without a bound."""

from __future__ import annotations

from typing import Any

from django.template import Library, TemplateSyntaxError, defaultfilters, defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import ForNode

TAGS = ("comment", "firstof", "if", "templatetag", "with")
FILTERS = (
    "capfirst", "cut", "date", "default", "default_if_none", "dictsort", "dictsortreversed", "divisibleby", "first",
    "last", "length", "lower", "pluralize", "slice", "time", "timesince", "timeuntil", "title", "truncatechars",
    "truncatewords", "upper", "yesno",
)  # fmt: skip
"""None makes a text longer by more than a few characters: nested, they could otherwise fill the memory."""
MOST_ROUNDS = 2000
"""Rounds of all loops of a template together."""

_ROUNDS = "rounds of loops"

register = Library()
for _name in TAGS:
    register.tag(_name, defaulttags.register.tags[_name])
for _name in FILTERS:
    register.filters[_name] = defaultfilters.register.filters[_name]


class BoundedFor(ForNode):
    """A loop that ends with an error when the template's loops take too many rounds."""

    def render(self, context: Context) -> Any:
        """Count the rounds, then loop."""
        sequence: Any = self.sequence
        values = sequence.resolve(context, ignore_failures=True)
        before: int = context.render_context.get(_ROUNDS) or 0
        rounds = before + (len(values) if hasattr(values, "__len__") else 0)
        if rounds > MOST_ROUNDS:
            raise TemplateSyntaxError(f"Its loops take more than {MOST_ROUNDS} rounds.")
        context.render_context[_ROUNDS] = rounds
        return super().render(context)


@register.tag("for")
def do_for(parser: Parser, token: Token) -> Any:
    """Parse a loop."""
    node = defaulttags.do_for(parser, token)
    node.__class__ = BoundedFor
    return node
