"""The body of a Google Chat message: https://developers.google.com/workspace/chat/api/reference/rest/v1/cards."""

from __future__ import annotations

from html import escape
from typing import Any

from apis.alerting.channels.message import Message, cut


def payload(message: Message) -> dict[str, Any]:
    """Return a text for notifications and a card. `thread` keeps what is about one incident together."""
    widgets: list[dict[str, Any]] = [
        {"textParagraph": {"text": f"<b>{escape(cut(message.title, 1500), quote=False)}</b>"}}
    ]
    for label, text in message.facts:
        shown: dict[str, Any] = {"topLabel": label} if label else {}
        shown |= {"text": escape(cut(text, 2000), quote=False).replace("\n", "<br>"), "wrapText": True}
        widgets.append({"decoratedText": shown})
    if message.url:
        button = {"text": "Open in corsdash", "onClick": {"openLink": {"url": message.url}}}
        widgets.append({"buttonList": {"buttons": [button]}})
    state = "Resolved" if message.status == "resolved" else message.severity.capitalize()
    card = {"header": {"title": cut(message.source, 200), "subtitle": state}, "sections": [{"widgets": widgets}]}
    body: dict[str, Any] = {
        # Only the card is shown; the text is what a notification says.
        "fallbackText": cut(message.title, 1500),
        "cardsV2": [{"cardId": message.id, "card": card}],
    }
    if message.key:
        body["thread"] = {"threadKey": message.key}
    return body
