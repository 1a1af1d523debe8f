"""Only PostgreSQL has partitions."""

from django.conf import settings

collect_ignore = ["test_compaction.py", "test_partitions.py"] if settings.EMBEDDED else []
