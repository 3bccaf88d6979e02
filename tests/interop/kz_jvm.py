"""A register that shares nothing with us: Java, Google's protobuf, messages written from the protocol's own tables.

``python -m tests.interop.kz_jvm`` (``make interop``) builds ``kz-jvm/`` with Maven, starts ``mock-ofd serve`` on free
ports, lets the register sell in both versions of the Kazakhstan protocol, and compares what the operator then holds. Every
exchange is printed as one line of JSON. It ends with 1 at the first thing that is not as the protocol has it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

PROJECT: Final = Path(__file__).with_name("kz-jvm")
JAR: Final = PROJECT / "target/kz-jvm.jar"
BUILD_LIMIT_S: Final = 600
"""A first build fetches protobuf, its compiler and Maven's own plugins."""
DAY_LIMIT_S: Final = 120
STOP_LIMIT_S: Final = 30
DEVICES: Final = {202: (200773, 26264070), 203: (100500, 4000000007)}
"""Device and first token for each version; the second token is above 2^31, as real ones are."""
DOCUMENTS: Final = {"receipt": 6, "deposit": 2, "withdrawal": 1, "close_shift": 1}
"""What one day leaves in the ledger, however often its messages were sent."""


class Unavailable(Exception):
    """The register cannot be built here; the text says why."""


class Interop(AssertionError):
    """The two sides do not understand each other; the text says where."""


class Operator(NamedTuple):
    """Where a running ``mock-ofd serve`` listens."""

    kz: str
    http: str


def build() -> Path:
    """The register's jar, built anew when a source is newer; :class:`Unavailable` when there is nothing to do it with."""
    sources = [PROJECT / "pom.xml", *(path for path in (PROJECT / "src").rglob("*") if path.is_file())]
    if JAR.exists() and JAR.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return JAR
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(PROJECT / "pom.xml"), "package"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_LIMIT_S, check=False)
    if made.returncode:
        said = made.stdout + made.stderr
        if "Could not transfer artifact" in said or "Could not resolve dependencies" in said:
            raise Unavailable(f"Maven cannot fetch what the build needs: {said[:500]}")
        raise Interop(f"the register does not build: {said}")
    return JAR


def missing() -> str | None:
    """Why this machine cannot build or run the register, or None."""
    absent = [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


@contextmanager
def operator(folder: Path) -> Iterator[Operator]:
    """``mock-ofd serve`` as a process of its own, its ledger in the folder, until the block ends."""
    command = [sys.executable, "-m", "mock_ofd", "serve", "--data", str(folder)]
    addresses = ["--kz", "127.0.0.1:0", "--http", "127.0.0.1:0", "--native", "off"]
    with (
        (folder / "serve.log").open("w", encoding="utf-8") as log,
        subprocess.Popen([*command, *addresses], stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise Interop(f"the operator did not start: {(folder / 'serve.log').read_text(encoding='utf-8')}")
            ready = json.loads(line)
            yield Operator(ready["kz"], ready["http"])
        finally:
            process.terminate()
            process.wait(STOP_LIMIT_S)


def day(jar: Path, address: str, version: int) -> list[dict[str, Any]]:
    """One register's day as it told it, line by line; :class:`Interop` when it stopped in the middle."""
    device, token = DEVICES[version]
    command = ["java", "-jar", str(jar), address, str(version), str(device), str(token)]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=DAY_LIMIT_S, check=False)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    if ran.returncode:
        raise Interop(f"version {version}: {json.dumps(lines[-3:], ensure_ascii=False)} {ran.stderr}")
    return lines


def held(http: str, device: int) -> Counter[str]:
    """How many documents of each kind the operator's ledger has for the device."""
    with urllib.request.urlopen(f"http://{http}/api/v1/documents?register={device}&limit=100", timeout=10) as answer:
        return Counter(document["kind"] for document in json.load(answer)["items"])


def trade(address: Operator, jar: Path, version: int) -> list[dict[str, Any]]:
    """One day, with the ledger's count of its documents checked behind it; its lines."""
    lines = day(jar, address.kz, version)
    if (found := held(address.http, DEVICES[version][0])) != DOCUMENTS:
        raise Interop(f"version {version}: the ledger has {dict(found)}, not {DOCUMENTS}")
    return lines


def main() -> int:
    if (reason := missing()) is not None:
        print(reason, file=sys.stderr)
        return 1
    try:
        jar = build()
        with TemporaryDirectory() as folder, operator(Path(folder)) as serving:
            for version in DEVICES:
                for line in trade(serving, jar, version):
                    print(json.dumps(line, ensure_ascii=False))
    except (Interop, Unavailable) as failure:
        print(f"interop: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
