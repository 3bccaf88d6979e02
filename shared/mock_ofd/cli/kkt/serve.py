"""``kkt serve``: the register stays, and sells for programs in any language over local HTTP.

The rule: standard output carries one line, the ready line. What the cashier has to know goes to standard error, as with
every other command, and to whoever listens to the events. A signal ends it, after the orders that have begun.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import closing

from kkt_client.core.errors import MemoryStopped
from mock_ofd.cli.addresses import host_and_port
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt.call import Call
from mock_ofd.cli.kkt.options import HTTP_VARIABLE, SERVE_HTTP
from mock_ofd.cli.signals import on_end
from mock_ofd.kkt_service.listening import TOKEN_VARIABLE, bind


async def serve(call: Call, environment: Mapping[str, str] = os.environ) -> Exit:
    """Sell for programs until a signal comes."""
    host, port = host_and_port(call.option("http") or environment.get(HTTP_VARIABLE) or SERVE_HTTP, "http")
    token = environment.get(TOKEN_VARIABLE) or None
    with closing(bind(host, port, token)) as listening:  # before the register is opened, or even founded
        return await _serve(call, listening, token)


async def _serve(call: Call, listening: socket.socket, token: str | None) -> Exit:
    from mock_ofd.cli.logs import set_up_logs  # noqa: PLC0415 - the other commands do without
    from mock_ofd.kkt_service.app import KktService  # noqa: PLC0415
    from ofd_server.config import LogFormat, LogLevel  # noqa: PLC0415

    stop = asyncio.Event()
    async with call.register(tell=call.say_event) as register:
        service = KktService(
            register,
            listening=listening,
            api_token=token,
            require_key=call.option("require_key", False),
            operator=call.address,
            on_paper=call.remember,
        )
        async with service:
            set_up_logs(LogFormat.JSON if call.output.as_json else LogFormat.CONSOLE, LogLevel.INFO)
            on_end(stop.set)
            sys.stdout.write(json.dumps(service.ready_line(), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            waiting = [asyncio.ensure_future(event.wait()) for event in (stop, service.failed)]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()
    if service.failed.is_set():
        raise MemoryStopped(f"{call.folder}: the fiscal memory failed; what was answered is kept")
    return Exit.OK
