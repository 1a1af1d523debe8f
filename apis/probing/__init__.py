"""Probes: calls that are tried on a schedule, what a browser decides of each, and the history of the results.

`schedule` claims what is due, `run` makes the calls and stores what came of them. A change of a probe's state is
written as a Flip in the same transaction; `alerting` takes it from there.
"""
