"""Access: sign-in, roles, API tokens, the audit log and encrypted secrets.

For others: `roles.can(user, "edit")` and `@roles.needs("edit")`; `audit.record(request, "did what", target)`;
`tokens.create(user, name)` and `tokens.authenticate(plain)`; `people.ensure_admin(password)`.
"""
