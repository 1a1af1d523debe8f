"""Serverless Framework: serverless.yml with its variables, its provider part and its resources."""
