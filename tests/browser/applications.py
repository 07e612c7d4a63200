"""A web application as a customer has it: of another origin, with a strict policy and a server
that makes tokens for its pages."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

LOGGER = Path(__file__).parents[2] / "static" / "audit"
TYPES = {"js": "text/javascript", "html": "text/html; charset=utf-8", "json": "application/json"}
PAGE = '<!doctype html><title>App</title><link rel="icon" href="data:,">'
SCRIPT = """
import * as module from "/logger.js";
function save() { null.x; }
Object.assign(window, module, {
  save,
  tokenFrom: async () => (await fetch("/audit-token")).json(),
});
"""


class Application(ThreadingHTTPServer):
    """Serves the page at ``/``; ``wrong_tokens`` are handed out before right ones are made."""

    def __init__(self, audit: str, key: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.audit, self.key = audit, key
        self.actor = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}
        self.wrong_tokens: list[str] = []
        self.tokens = 0
        self.page = PAGE + '<script type="module" src="/page.js"></script>'
        self.policy = (
            f"default-src 'none'; script-src 'self'; img-src data:; connect-src 'self' {audit}"
        )

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def token(self) -> dict[str, Any]:
        self.tokens += 1
        if self.wrong_tokens:
            return {"token": self.wrong_tokens.pop()}
        made = httpx.post(
            f"{self.audit}/acme/api/browser-tokens",
            headers={"Authorization": f"Bearer {self.key}"},
            json={"actor": self.actor, "session": "s_8f2c"},
            timeout=60,  # a server that has just been started is slow to answer first
        )
        return dict(made.raise_for_status().json())

    def content(self, path: str) -> tuple[str, str]:
        """What is at ``path``, and its type."""
        if path == "/audit-token":
            return json.dumps(self.token()), TYPES["json"]
        if path == "/page.js":
            return SCRIPT, TYPES["js"]
        if path.endswith(".js"):
            return (LOGGER / path.removeprefix("/")).read_text(), TYPES["js"]
        return (self.page if path == "/" else PAGE), TYPES["html"]


class _Handler(BaseHTTPRequestHandler):
    server: Application

    def do_GET(self) -> None:
        text, content_type = self.server.content(self.path)
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silence: a test tells what went wrong by itself."""


@contextmanager
def serving_application(audit: str, key: str) -> Iterator[Application]:
    with Application(audit, key) as application:
        thread = threading.Thread(target=application.serve_forever, daemon=True)
        thread.start()
        try:
            yield application
        finally:
            application.shutdown()
            thread.join()
