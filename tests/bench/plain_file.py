"""One file by Flask's own ``send_file``, as a WSGI application for gunicorn: what streaming is measured against."""

from __future__ import annotations

import os

from flask import Flask, Response, send_file

application = Flask(__name__)


@application.get("/")
def whole() -> Response:
    """Send the file that ``BENCH_FILE`` names."""
    return send_file(os.environ["BENCH_FILE"], mimetype="application/octet-stream", conditional=True)
