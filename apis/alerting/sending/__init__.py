"""From an event to its messages: which rules apply, the outbox, the words and templates, and sending."""
