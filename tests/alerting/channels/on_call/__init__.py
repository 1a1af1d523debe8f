"""Channels that page whoever is on call."""
