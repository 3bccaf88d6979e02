"""The files of the page: with their types, kept by a browser that asks whether they are new, and nothing besides."""

import re

import pytest

from ofd_server.web import assets
from tests.docs.pages import ROOT
from tests.ofd_server.site import Site

STATIC = ROOT / "ofd_server" / "web" / "static"
NAMES = [path.name for path in STATIC.iterdir()]


async def test_the_page_is_at_the_root_with_its_policy():
    async with Site() as site:
        reply = await site.get("/")
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = reply.headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"):
            assert rule in policy
        for rule in ("img-src 'self' data:", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|style=", reply.text)


@pytest.mark.parametrize("name", [*NAMES, assets.SLIP_STYLE])
async def test_every_file_is_served_and_kept(name):
    async with Site() as site:
        reply = await site.get(f"/web/{name}")
        assert reply.status == 200
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"] == assets.POLICY
        etag = reply.headers["Etag"]
        assert (await site.get(f"/web/{name}", headers={"If-None-Match": etag})).status == 304
        assert (await site.get(f"/web/{name}", headers={"If-None-Match": f'"x", W/{etag}'})).status == 304
        assert (await site.get(f"/web/{name}", headers={"If-None-Match": '"other"'})).status == 200


@pytest.mark.parametrize("name", ["nothing.js", "%2e%2e%2fpages.py", "index", "__init__.py"])
async def test_nothing_else_is_served(name):
    async with Site() as site:
        assert (await site.get(f"/web/{name}")).status == 404


def test_no_file_names_another_host():
    for path in STATIC.iterdir():
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text("utf-8"))
        assert set(found) <= {"http://www.w3.org"}, path.name


def test_every_module_that_is_imported_is_there():
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./([\w.]+)"', path.read_text("utf-8")):
            assert name in NAMES
