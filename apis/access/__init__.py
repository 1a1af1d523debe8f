"""Who may do what: sign-in, roles, API tokens, the audit log, and the keeping of secrets."""
