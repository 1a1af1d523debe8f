"""Bulk jobs: one operation over many APIs."""
