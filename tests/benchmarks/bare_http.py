"""The reference of HTTP: aiohttp as one would use it, with a handler that reads the body and gives a fixed answer.

Nothing is looked at, nothing is kept; the answer is as long as that of the operator. A process of its own.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final

from aiohttp import web

from fiscal.domain.messages import Accepted
from fiscal.protocols.rest.codec import MediaType, serialize_answer
from tests.benchmarks.loops import run

QR: Final = "http://127.0.0.1:8080/r?i=283824922692&f=http-1000&s=450.00&t=20260101T120100"
ANSWER: Final = serialize_answer(
    Accepted(number=1_000, at=1_767_250_861_000, sign="283824922692", qr=QR, key="public-1"), MediaType.MSGPACK
)


async def answer(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=ANSWER, content_type=MediaType.MSGPACK.value)


async def main() -> None:
    app = web.Application()
    app.router.add_post("/api/v1/registers/{register}/documents", answer)
    app.router.add_post("/api/v1/registers/{register}/hello", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(json.dumps({"event": "ready", "http": f"{host}:{port}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    run(main())
