"""The rival: the same server with a view that does nothing. ``python bench/bare.py PORT THREADS``."""

import sys

from flask import Flask
from waitress import serve

app = Flask(__name__)


@app.post("/in/<slug>")
def deliver(slug):
    return "", 202


serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=int(sys.argv[2]))
