"""Channels that page the person on call."""
