"""`manage.py up`: the embedded broker, the first start, and the supervisor of all processes."""
