"""Finding requests by words, Chinese ones from a single character on."""

from hub.core.search.index import knows, matching, missing, newest, outdated, put
from hub.core.search.models import SearchDocument

__all__ = ["SearchDocument", "knows", "matching", "missing", "newest", "outdated", "put"]
