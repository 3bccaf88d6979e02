"""The reference server: whatever comes goes back, and nothing else happens. A process of its own."""

from __future__ import annotations

import asyncio
import json

from mock_ofd.load.reference import Echo
from tests.benchmarks.loops import run


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=4096)
    host, port = server.sockets[0].getsockname()
    print(json.dumps({"event": "ready", "native": f"{host}:{port}"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    run(main())
