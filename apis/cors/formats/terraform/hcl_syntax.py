"""The parts of a Terraform text: bodies, blocks, and expressions that nothing has evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """An expression: its kind, its parts, its line and where it is in the text.

    Kinds: `value` (a literal), `template` (texts and expressions), `heredoc`, `list`, `object` (pairs), `name`, `get`,
    `index`, `splat`, `call`, `not`, `minus`, `binary` (a first part, then pairs of operator and part), `if`, `for`,
    `directive`.
    """

    kind: str
    parts: tuple[Any, ...]
    line: int
    text: str = ""


@dataclass(slots=True)
class Body:
    """What is between the braces of a block: its attributes, and the blocks in it."""

    attributes: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    twice: dict[str, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One block: `resource "aws_apigatewayv2_api" "api" { … }` has a kind and two labels."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    line: int | None
