"""The floor: the same server and the same JSON decode, and one card that never changes."""

from __future__ import annotations

from flask import Flask, Response, request

from cds.wire import decode, encode

CARD = {
    "uuid": "1f4f0f6e-6a5e-4c39-9b64-0d5f1f4d7b11",
    "summary": "A card that never changes",
    "indicator": "info",
    "detail": "It shows what the server and the decoding cost by themselves.",
    "source": {"label": "Floor"},
}

app = Flask(__name__)


@app.post("/cds-services/<ident>")
def call(ident: str) -> Response:
    """Decode all of the body, as the service does, and answer."""
    body = decode(request.get_data())
    assert body["hook"]
    return Response(encode({"cards": [CARD]}), content_type="application/json")


@app.get("/healthz")
def healthz() -> str:
    return "ok"
