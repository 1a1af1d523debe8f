"""Proposals: changes that wait for approval, for a time, or for a conflict to be solved."""
