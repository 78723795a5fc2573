"""The message catalogues, read from their sources so that no compiled file can be out of date."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent.parent / "translations"


@cache
def translations(language: str) -> NullTranslations:
    """The translations into a language; English is the language of the sources."""
    source = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain="messages")
