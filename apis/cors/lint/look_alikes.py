"""Host names that imitate other host names."""

from __future__ import annotations

from functools import lru_cache

from apis.cors.lint.hosting import owned_name

# Characters that are taken for letters: digits, then the Cyrillic and Greek ones most used for it, by their numbers
# so that this file does not play the same trick on its readers.
_TAKEN_FOR = str.maketrans(
    "015\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf\u03bd\u03bf\u03b1",
    "olsaeopcyxijsdhlvoa",
)
_SHORTEST = 6  # characters of a name that another may be said to imitate


def one_owner(host: str, other: str) -> bool:
    """Return whether two hosts lie under a name that one party owns, so that neither imitates the other."""
    return owned_name(host) == owned_name(other)


def imitates(host: str, other: str) -> str | None:
    """How a host leans on another's name, for a sentence; None when it does not."""
    if host == other or len(other) < _SHORTEST or "." not in other:
        return None
    if host.startswith(other + "."):
        rest = host[len(other) + 1 :]
        # example.com.au is what people in Australia have.
        return None if len(rest) == 2 else "begins with the name of"
    if host.endswith(other) and not host.endswith("." + other):
        return "ends with the name of, but is no part of,"
    return None


def confusable(host: str, other: str) -> bool:
    """Whether two different names look the same at a glance, or differ by two letters that changed places."""
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
