"""Where people are told. A kind of channel is one module here and one line in KINDS.

`from apis.alerting import channels`, then `channels.create(...)`, `.change(...)`, `.test(channel, user)`.
"""

from apis.alerting.channels.edit import change, create, delete, enable, rotate
from apis.alerting.channels.kinds import KINDS, Kind, Message, Outcome, kind_of
from apis.alerting.outbox import test
from apis.errors import InvalidFields

__all__ = [
    "KINDS",
    "InvalidFields",
    "Kind",
    "Message",
    "Outcome",
    "change",
    "create",
    "delete",
    "enable",
    "kind_of",
    "rotate",
    "test",
]
