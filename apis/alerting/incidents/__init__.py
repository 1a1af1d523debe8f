"""Incidents: opened, grown and closed by flips, with their suspected change, timeline and report."""
