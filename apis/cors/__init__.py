"""The rules of CORS: what API Gateway answers, what a browser decides of it, and what to say about a configuration.

Plain Python: no Django, no boto3, no input or output. Everything else in corsdash that must know a rule asks here.
"""
