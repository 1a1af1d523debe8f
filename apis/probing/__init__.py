"""Probes: calls that are tried on a schedule, what a browser decides of each, and the history of the results.

`runs` claims due probes, makes the calls and stores the results; `history` reads them; `sets` creates and changes many
probes at once. A change of a probe's state is written as a Flip in the same transaction; `alerting` handles the flips.
"""
