"""The JSON API under /api/v1/, for programs: the same verbs as the pages."""
