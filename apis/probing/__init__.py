"""Probes: calls that are tried on a schedule, what a browser decides of each, and the history of the results.

`runs` claims what is due, makes the calls and stores what came of them; `history` reads it; `sets` makes and changes
many probes at once. A change of a probe's state is written as a Flip in the same transaction; `alerting` takes it from
there.
"""
