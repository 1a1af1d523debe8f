"""Play the demo's past day: people, drift, incidents and a day of probe results, in the order in which they happened.

Everything is done by the verbs that people and workers use, while the clocks of this process and of the demo AWS run
behind. Each result is a judged exchange with the demo's gateway under the configuration of its time.
"""
