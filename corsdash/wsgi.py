"""The WSGI entry point, for any web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")
application = get_wsgi_application()

from apis.rest import health  # noqa: E402  Its tables are there once Django is set up.

# So that the first request finds an answer.
health.start()
