"""The plan: what a proposed configuration would change, for whom, and how to write it as code. It changes nothing."""
