"""Load page templates without their indentation, which a long list would send a hundred times."""

from __future__ import annotations

import re

from django.template.base import Origin
from django.template.loaders.filesystem import Loader as FilesystemLoader

INDENTATION = re.compile(r"\n[ \t]+")


class Loader(FilesystemLoader):
    """Read templates from DIRS; e-mail texts keep their indentation."""

    def get_contents(self, origin: Origin) -> str:
        """Return a template's text; of HTML without the blanks that begin its lines."""
        text = str(super().get_contents(origin))
        return INDENTATION.sub("\n", text) if origin.name.endswith(".html") else text
