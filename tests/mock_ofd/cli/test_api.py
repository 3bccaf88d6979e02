"""The client of the HTTP interface: whatever answers, one kind of error with an exit code."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from mock_ofd.cli.api import DEFAULT_URL, Api, ApiError, register_path
from mock_ofd.cli.exits import Exit


@pytest.fixture
def answering():
    """A server that is no operator: it answers everything with one status and body."""

    class Handler(BaseHTTPRequestHandler):
        url = ""
        status, body = 200, b""
        headers_: ClassVar[dict[str, str]] = {}
        asked: ClassVar[list[tuple[str, str | None]]] = []

        def do_GET(self):
            type(self).asked.append((self.path, self.headers.get("Authorization")))
            self.send_response(self.status)
            for name, value in self.headers_.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(self.body)))
            self.end_headers()
            self.wfile.write(self.body)

        def log_message(self, *_):
            pass

    Handler.asked = []
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        Handler.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield Handler
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>", Exit.UNREACHABLE),
        (200, b"[]", Exit.UNREACHABLE),
        (404, b"<html>", Exit.UNREACHABLE),
        (404, b'{"error": {"code": "x", "field": "", "text": "gone"}}', Exit.NOT_FOUND),
        (409, b'{"error": {"code": "x", "field": "id", "text": "there"}}', Exit.REFUSED),
        (401, b'{"error": "x"}', Exit.UNREACHABLE),
        (503, b'{"error": {"code": "x", "field": "", "text": "later"}}', Exit.UNREACHABLE),
        (500, b'{"error": {"code": "x", "field": "", "text": "defect"}}', Exit.FAILED),
    ],
)
def test_whatever_answers(answering, status, body, code):
    answering.status, answering.body = status, body
    with pytest.raises(ApiError) as caught:
        Api(answering.url).get("registers")
    assert caught.value.code is code


def test_a_token_does_not_follow_a_redirection(answering):
    answering.status, answering.headers_ = 302, {"Location": f"{answering.url}/elsewhere"}
    with pytest.raises(ApiError):
        Api(answering.url, "secret-token").get("registers")
    assert answering.asked == [("/api/v1/registers", "Bearer secret-token")]


def test_proxies_are_not_asked(answering, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    answering.body = b"{}"
    assert Api(answering.url).get("registers", limit=3, after=None) == {}
    assert answering.asked[0][0] == "/api/v1/registers?limit=3"


def test_where_it_is(monkeypatch):
    monkeypatch.delenv("MOCK_OFD_URL", raising=False)
    assert Api().url == DEFAULT_URL
    monkeypatch.setenv("MOCK_OFD_URL", "https://ofd.example/")
    assert Api().url == "https://ofd.example"
    assert Api("http://127.0.0.1:1").url == "http://127.0.0.1:1"


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8080", "http://", "file:///etc/passwd"])
def test_what_is_no_address(url):
    with pytest.raises(ApiError) as caught:
        Api(url)
    assert caught.value.code is Exit.USAGE


def test_a_path_holds_any_id():
    assert register_path("a/b ?я") == "registers/a%2Fb%20%3F%D1%8F"
