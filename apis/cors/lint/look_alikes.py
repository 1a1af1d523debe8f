"""Host names that imitate other host names."""

from __future__ import annotations

from functools import lru_cache

from apis.cors.lint.hosting import owned_name

# Digits, then the Cyrillic and Greek characters most often mistaken for Latin letters. They are escaped so that readers
# of this file can distinguish them.
_TAKEN_FOR = str.maketrans(
    "015\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf\u03bd\u03bf\u03b1",
    "olsaeopcyxijsdhlvoa",
)
_SHORTEST = 6  # characters of a name that can be imitated


def same_owner(host: str, other: str) -> bool:
    """Return whether both hosts belong to one registered name, so neither imitates the other."""
    return owned_name(host) == owned_name(other)


def imitates(host: str, other: str) -> bool:
    """Return whether a host starts or ends with another host's name without belonging to it."""
    if host == other or len(other) < _SHORTEST or "." not in other:
        return False
    if host.startswith(other + "."):
        # example.com.au is an ordinary Australian name.
        return len(host) - len(other) != 3
    return host.endswith(other) and not host.endswith("." + other)


def confusable(host: str, other: str) -> bool:
    """Return whether two names look the same at a glance, or differ only by two swapped letters."""
    if host == other or abs(len(host) - len(other)) > 8:
        return False
    return _skeleton(host) == _skeleton(other) or _swapped(host, other)


@lru_cache(maxsize=4096)
def _skeleton(host: str) -> str:
    labels = []
    for label in host.split("."):
        if label.startswith("xn--"):
            try:
                label = label[4:].encode("ascii").decode("punycode")
            except (UnicodeError, ValueError, OverflowError):
                pass
        labels.append(label.translate(_TAKEN_FOR))
    return ".".join(labels).replace("rn", "m").replace("vv", "w")


def _swapped(host: str, other: str) -> bool:
    if len(host) != len(other):
        return False
    differs = [at for at, (one, two) in enumerate(zip(host, other, strict=True)) if one != two]
    if len(differs) != 2 or differs[1] != differs[0] + 1:
        return False
    first, second = differs
    letters = host[first] + host[second]
    return letters.isalpha() and host[first] == other[second] and host[second] == other[first]
