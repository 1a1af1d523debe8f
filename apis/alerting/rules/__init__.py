"""Rules: which alerts go to which channels, and when. Maintenance windows: when no one is notified.

For others: `routing.Router.load(now)` and its `route(occasion)`; `edits` changes rules and windows;
`holds.hold_of(delivery, now)` says until when a message waits.
"""
