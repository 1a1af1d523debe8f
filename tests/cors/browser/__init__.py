"""What a browser makes of a call: its verdicts, its messages, its preflight cache."""
