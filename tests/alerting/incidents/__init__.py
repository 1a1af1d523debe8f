"""Incidents: opened, grouped and closed by flips, with their suspected change."""
