"""Where people are notified. A kind of channel is one folder here with a KIND; `registry` finds them.

`from apis.alerting import channels`, then `channels.create(...)`, `.change(...)`, `.test(channel, user)`.
"""

from apis.alerting.channels.edit import change, create, delete, enable, rotate
from apis.alerting.channels.kind import GROUPS, ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.registry import kind_of, kinds
from apis.alerting.channels.trial import test
from apis.errors import InvalidFields

__all__ = [
    "GROUPS",
    "ChannelKind",
    "Field",
    "InvalidFields",
    "Message",
    "Outcome",
    "change",
    "create",
    "delete",
    "enable",
    "kind_of",
    "kinds",
    "rotate",
    "test",
]
