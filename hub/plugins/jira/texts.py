"""Markdown and Jira's two markups: the document format (ADF) of Cloud, wiki text of Data Center."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Protocol

# A text of people settles after one pass; where one does not, the passes go on until it does.
PASSES = 6
# So many texts are kept with what they mean.
KNOWN = 256


class Markup(Protocol):
    """One markup, both ways."""

    def there(self, text: str) -> Any:
        """Markdown as Jira takes it."""
        ...

    def here(self, value: Any) -> str:
        """What Jira holds, as Markdown; an odd value is an empty text."""
        ...

    def kept(self, text: str) -> str:
        """The Markdown that a Markdown text becomes by going there and coming back."""
        ...


class Adf:
    """Cloud: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/"""

    def there(self, text: str) -> Any:
        """A document, or nothing for an empty text."""
        from hub.plugins.jira.document import parsed

        blocks = parsed(text)
        return {"type": "doc", "version": 1, "content": blocks} if blocks else None

    def here(self, value: Any) -> str:
        """A document's Markdown; a plain string stays as it is."""
        if isinstance(value, str):
            return value
        return _of_document(json.dumps(value)) if isinstance(value, dict) else ""

    def kept(self, text: str) -> str:
        """There and back until it stays."""
        return _passes(self, text)


class Wiki:
    """Data Center: Text Formatting Notation, as its help page calls it."""

    def there(self, text: str) -> Any:
        """Wiki text."""
        from hub.plugins.jira.document import parsed
        from hub.plugins.jira.wiki import written

        return written(parsed(text))

    def here(self, value: Any) -> str:
        """A wiki text's Markdown."""
        return _of_wiki(value) if isinstance(value, str) else ""

    def kept(self, text: str) -> str:
        """There and back until it stays."""
        return _passes(self, text)


# Most of what a look reads is what the look before it has read.
@lru_cache(maxsize=KNOWN)
def _of_document(document: str) -> str:
    from hub.plugins.jira.adf import markdown

    return markdown(json.loads(document).get("content"))


@lru_cache(maxsize=KNOWN)
def _of_wiki(text: str) -> str:
    from hub.plugins.jira.adf import markdown
    from hub.plugins.jira.wiki_reading import read

    return markdown(read(text))


@lru_cache(maxsize=KNOWN)
def _passes(markup: Markup, text: str) -> str:
    for _ in range(PASSES):
        back = markup.here(markup.there(text))
        if back == text:
            break
        text = back
    return text


ADF, WIKI = Adf(), Wiki()


def markup(flavour: str) -> Markup:
    """The markup of this edition of Jira."""
    return ADF if flavour == "cloud" else WIKI
