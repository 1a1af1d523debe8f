"""From an event to its messages: the words, the outbox, and sending."""
