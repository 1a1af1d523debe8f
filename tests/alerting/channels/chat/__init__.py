"""Channels that post to a chat."""
