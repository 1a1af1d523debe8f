"""Requests as DevTools and API clients record them: HAR files, header panels, Bruno files."""
