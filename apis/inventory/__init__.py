"""Accounts, HTTP APIs as last seen in AWS, and the history of every CORS configuration.

`sync` mirrors AWS and records what changed without us as drift; `history` is the only writer of configurations and
changes, for this room and for `editing`.
"""
