"""What a page for people outside weighs: itself and all that it fetches, as it travels."""

from __future__ import annotations

import gzip

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

# design: public pages 20 KB, complete without script
MOST = 20_000


def weight(client: FlaskClient, address: str) -> int:
    """Bytes of a page and what it links, compressed; scripts are refused."""
    page = client.get(address).data
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find("script") is None
    fetched = [page]
    for link in soup.select("link[rel=stylesheet], link[rel=icon], img"):
        answer = client.get(str(link.get("href") or link.get("src")))
        assert answer.status_code == 200
        fetched.append(answer.data)
    return sum(len(gzip.compress(one)) for one in fetched)
