"""Grants: temporary access, an origin that is allowed until an end."""
