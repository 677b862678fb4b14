"""A guest book that says who serves it."""

import os

from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/")
def index():
    return jsonify(service="guestbook", release=os.environ.get("GUESTBOOK_RELEASE"), uid=os.getuid())
