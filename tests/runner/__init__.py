"""`manage.py up` as a person runs it, and the commands besides it."""
