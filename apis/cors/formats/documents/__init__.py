"""YAML and JSON documents: templates, manifests, OpenAPI, and what AWS itself shows and records."""
