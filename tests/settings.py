"""The real settings in the tests' own environment."""

from tests.support.environment import enter

enter()

from corsdash.settings import *  # noqa: E402, F403
from corsdash.settings import DATA, DATABASES, EMBEDDED  # noqa: E402

if EMBEDDED:
    # A file, not memory: the worker and the live server read what the test wrote.
    DATABASES["default"]["TEST"] = {"NAME": DATA / "test.sqlite3"}
else:
    # Connections of finished threads would keep the test database from being dropped.
    DATABASES["default"]["CONN_MAX_AGE"] = 0

# Each test has a client of its own, each of which would read the whole folder of static files.
WHITENOISE_AUTOREFRESH = True

# The real hashers are slow on purpose; tests/access tries them.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
