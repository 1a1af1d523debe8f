"""Generated URLs, read by a real Chromium and by `parse_url`."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from apis.cors.origins import parse_url

SCHEMES = ("https://", "http://", "http:", "ws://", "//", "HTTPS:\\\\", "foo://", "foo:", "blob:https://a.test/")
# Left out: what Chromium alone accepts in a host (a blank) or writes otherwise (`*`), names written from right to left
# (Chromium checks their direction across labels), and combining marks after a character that no host may have.
PIECES = (
    *"abcxn-_.%:/\\?#@[]0123456789>|^~!$&(),;=+`{}\t\n\x7f",
    *"ßςüİﬁ。क्☃𝒳ſK℡½\u00ad\u200b\u2060\ufeff\u3164\u0378\ufffd",
    *("%41", "%c3%bc", "%2e", "%00", "xn--", "xn--bcher-kva", "0x", "::", "::1", "1.2.3.4", "//", "https:"),
)
JOINERS = ("\u200c", "\u200d")  # Chromium refuses them in hosts of other schemes as well, the standard does not
ENDS = ("", ".com", "/x", ":80", ":8443/?a#b")
READ = """texts => texts.map(text => {
    try {
        const url = new URL(text);
        return [url.protocol, url.hostname, url.port, Boolean(url.username || url.password)];
    } catch { return null; }
})"""


def _urls(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    urls = []
    for _ in range(count):
        scheme = chance.choice(SCHEMES)
        pieces = PIECES + JOINERS if scheme[:2].lower() in ("ht", "ws") else PIECES
        urls.append(scheme + "".join(chance.choices(pieces, k=chance.randint(1, 8))) + chance.choice(ENDS))
    return urls


def _ours(text: str) -> list[Any] | None:
    url = parse_url(text)
    if url is None:
        return None
    return [f"{url.scheme}:", url.host, "" if url.port is None else str(url.port), url.has_credentials]


@pytest.mark.once
def test_parse_url_and_chromium_agree_on_generated_urls(page: Any) -> None:
    seed = int(os.environ.get("CORSDASH_DIFFERENTIAL_SEED", "20261123"))
    urls = _urls(seed, 10_000)
    theirs = page.evaluate(READ, urls)
    assert sum(one is not None for one in theirs) > 2000
    different = [(url, _ours(url), read) for url, read in zip(urls, theirs, strict=True) if _ours(url) != read]
    assert different[:5] == []
