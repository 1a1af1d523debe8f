"""The body of a Slack message: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks."""

from __future__ import annotations

from typing import Any

from apis.alerting.channels.message import Message, cut, labeled

ICONS = {
    "critical": ":rotating_light:",
    "error": ":red_circle:",
    "warning": ":warning:",
    "info": ":information_source:",
}
MOST_SECTION = 3000
"""Characters of a section's text: https://docs.slack.dev/reference/block-kit/blocks/section-block."""


def payload(message: Message) -> dict[str, Any]:
    """Return the text for notifications and the blocks for the channel."""
    icon = ":large_green_circle:" if message.status == "resolved" else ICONS[message.severity]
    blocks = [_section(f"{icon} *{_escaped(message.title)}*")]
    if message.facts:
        blocks.append(_section("\n".join(labeled(label, _escaped(text), "*{}:* ") for label, text in message.facts)))
    if message.url:
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open in corsdash"}, "url": message.url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": cut(_escaped(message.title), MOST_SECTION), "blocks": blocks, "unfurl_links": False}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, MOST_SECTION)}}


def _escaped(text: str) -> str:
    """Return the three characters that control Slack's own markup; without them no name can mention @channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
