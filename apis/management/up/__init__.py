"""What `manage.py up` does: the embedded broker, the first start, and the processes under one roof."""
