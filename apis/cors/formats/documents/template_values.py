"""CloudFormation's intrinsic functions, evaluated with what the template itself states: its parameters' defaults,
mappings and conditions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Notes
from apis.cors.formats.values import Object, Unresolved, is_unresolved, refuse_repeated

_MOST_STEPS = 100_000
_DEPTH = 40
_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^}]*\}\}")
_LISTS = ("CommaDelimitedList", "List<")


class NoValue:
    """The value of `AWS::NoValue`: as if the key or entry were not there."""


NO_VALUE = NoValue()


class Evaluator:
    """Evaluates values of one template; what it cannot evaluate becomes Unresolved, with why."""

    def __init__(self, document: Mapping[str, Any], notes: Notes) -> None:
        self.document = document
        self.parameters = _section(document, "Parameters")
        self.mappings = _section(document, "Mappings")
        self.conditions = _section(document, "Conditions")
        self.notes = notes
        self.steps = 0

    def value(self, value: Any, depth: int = 0) -> Any:
        """Evaluate a value and everything in it; NO_VALUE stands for one that is not there."""
        self.steps += 1
        if self.steps > _MOST_STEPS or depth > _DEPTH:
            raise FormatError("This has too many values. Paste only the part about the API.")
        called = _call(value)
        if called:
            return self._evaluated(value, *called, depth)
        if isinstance(value, str):
            found = _DYNAMIC.search(value)
            return Unresolved(found[0], why="a dynamic reference") if found else value
        if isinstance(value, list):
            entries = [self.value(entry, depth + 1) for entry in value]
            return [entry for entry in entries if entry is not NO_VALUE]
        if isinstance(value, dict):
            copy = type(value)(value) if isinstance(value, Object) else Object(value)
            for key, entry in value.items():
                result = self.value(entry, depth + 1)
                if result is NO_VALUE:
                    del copy[key]
                else:
                    copy[key] = result
            return copy
        return value

    def _evaluated(self, value: Any, name: str, given: Any, depth: int) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            return value
        try:
            result = function(self, given, depth + 1)
        except _Unknown as unknown:
            line = value.line if isinstance(value, Unresolved) else None
            text = value.text if isinstance(value, Unresolved) else _shown(name, given)
            return Unresolved(text, line, why=str(unknown))
        return result

    def _known(self, value: Any, depth: int) -> Any:
        """Evaluate a value that another one is made of."""
        result = self.value(value, depth + 1)
        if isinstance(result, Unresolved):
            raise _Unknown(result.why or result.text)
        if is_unresolved(result):
            raise _Unknown(str(next(iter(result))))
        return result

    def _text(self, value: Any, depth: int) -> str:
        result = self._known(value, depth)
        if isinstance(result, bool):
            return str(result).lower()
        if isinstance(result, str | int):
            return str(result)
        raise _Unknown("not a text")

    def _ref(self, given: Any, depth: int) -> Any:
        if given == "AWS::NoValue":
            return NO_VALUE
        name = str(given)
        parameter = self.parameters.get(name)
        if not isinstance(parameter, dict):
            raise _Unknown("" if name.startswith("AWS::") else f"this text has no parameter {name[:60]}")
        refuse_repeated(self.document, "Parameters")
        refuse_repeated(self.parameters, name)
        refuse_repeated(parameter, "Type", "Default")
        kind, default = str(parameter.get("Type", "String")), parameter.get("Default")
        if kind.startswith("AWS::SSM::"):
            raise _Unknown(f"the parameter {name[:60]} is read from Systems Manager")
        if default is None or is_unresolved(default) or isinstance(default, dict):
            raise _Unknown(f"the parameter {name[:60]} has no default")
        self.notes.append(f"The parameter {name[:60]} has its default, “{str(default)[:200]}”.")
        if kind.startswith(_LISTS) and not isinstance(default, list):
            return [entry.strip() for entry in str(default).split(",")]
        return default

    def _sub(self, given: Any, depth: int) -> Any:
        own: Mapping[str, Any] = {}
        if isinstance(given, list) and len(given) == 2 and isinstance(given[1], dict):
            given, own = given
        if not isinstance(given, str):
            raise _Unknown("")

        def replaced(found: re.Match[str]) -> str:
            name = found[2].strip()
            if found[1]:
                return "${" + found[2] + "}"
            if name in own:
                refuse_repeated(own, name)
                return self._text(own[name], depth)
            if "." in name:
                raise _Unknown(f"{name[:60]} is an attribute of a resource")
            return self._text(Unresolved(name, tag="!Ref", value=name), depth)

        text = _SUBSTITUTION.sub(replaced, given)
        if _DYNAMIC.search(text):
            raise _Unknown("a dynamic reference")
        return text

    def _join(self, given: Any, depth: int) -> Any:
        delimiter, entries = _two(given)
        found = self._known(entries, depth)
        if not isinstance(found, list):
            raise _Unknown("not a list")
        return self._text(delimiter, depth).join(self._text(entry, depth) for entry in found)

    def _split(self, given: Any, depth: int) -> Any:
        delimiter, text = _two(given)
        return self._text(text, depth).split(self._text(delimiter, depth) or ",")

    def _select(self, given: Any, depth: int) -> Any:
        index, entries = _two(given)
        found, place = self._known(entries, depth), self._text(index, depth)
        if not isinstance(found, list) or not place.isascii() or not place.isdigit() or int(place[:9]) >= len(found):
            raise _Unknown("not an entry of a list")
        return found[int(place[:9])]

    def _find_in_map(self, given: Any, depth: int) -> Any:
        found: Any = self.mappings
        refuse_repeated(self.document, "Mappings")
        for key in given if isinstance(given, list) and len(given) == 3 else ():
            name = self._text(key, depth)
            if not isinstance(found, dict) or name not in found:
                raise _Unknown(f"the mapping has no {name[:60]}")
            refuse_repeated(found, name)
            found = found[name]
        if found is self.mappings:
            raise _Unknown("")
        return self._known(found, depth)

    def _if(self, given: Any, depth: int) -> Any:
        if not isinstance(given, list) or len(given) != 3:
            raise _Unknown("")
        is_true = self._condition(given[0], depth)
        self.notes.append(
            f"The condition {str(given[0])[:60]} is {str(is_true).lower()} with the parameters' defaults."
        )
        result = self.value(given[1 if is_true else 2], depth + 1)
        if isinstance(result, Unresolved):
            raise _Unknown(result.why or result.text)
        return result

    def is_false(self, name: Any) -> bool:
        """Return whether a condition is known to be false with the parameters' defaults."""
        try:
            return not self._condition(name, 0)
        except _Unknown:
            return False

    def _condition(self, name: Any, depth: int) -> bool:
        if not isinstance(name, str) or name not in self.conditions:
            raise _Unknown(f"the condition {str(name)[:60]} is not in the template")
        refuse_repeated(self.document, "Conditions")
        refuse_repeated(self.conditions, name)
        return self._is_true(self.conditions[name], depth + 1)

    def _is_true(self, given: Any, depth: int) -> bool:
        self.steps += 1
        if depth > _DEPTH or self.steps > _MOST_STEPS:
            raise FormatError("This is nested too deeply. Paste only the part about the API.")
        name, inner = _call(given) or ("", None)
        if name == "Condition":
            return self._condition(inner, depth)
        if not isinstance(inner, list):
            raise _Unknown("a condition")
        if name == "Fn::Equals" and len(inner) == 2:
            return self._text(inner[0], depth) == self._text(inner[1], depth)
        results = [self._is_true(one, depth + 1) for one in inner]
        if name == "Fn::Not" and len(results) == 1:
            return not results[0]
        if name in ("Fn::And", "Fn::Or") and results:
            return all(results) if name == "Fn::And" else any(results)
        raise _Unknown("a condition")


class _Unknown(Exception):
    """Why a function cannot be evaluated."""


_FUNCTIONS: dict[str, Callable[[Evaluator, Any, int], Any]] = {
    "Ref": Evaluator._ref,
    "Fn::Sub": Evaluator._sub,
    "Fn::Join": Evaluator._join,
    "Fn::Split": Evaluator._split,
    "Fn::Select": Evaluator._select,
    "Fn::FindInMap": Evaluator._find_in_map,
    "Fn::If": Evaluator._if,
}


def _call(value: Any) -> tuple[str, Any] | None:
    """Return the function that a value calls, and what it is given: `!Ref X` and `{"Ref": X}` are the same."""
    if isinstance(value, Unresolved):
        name = value.tag.removeprefix("!")
        if not name:
            return None
        given = value.value
        if name == "GetAtt" and isinstance(given, str):
            given = given.split(".", 1)
        return (name if name in ("Ref", "Condition") else f"Fn::{name}"), given
    if isinstance(value, dict) and len(value) == 1:
        name, given = next(iter(value.items()))
        if name in ("Ref", "Condition") or name.startswith("Fn::"):
            return name, given
    return None


def _two(given: Any) -> tuple[Any, Any]:
    if not isinstance(given, list) or len(given) != 2:
        raise _Unknown("")
    return given[0], given[1]


def _shown(name: str, given: Any) -> str:
    return f"{name} {given}" if isinstance(given, str) else name


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    return section if isinstance(section, dict) else {}
