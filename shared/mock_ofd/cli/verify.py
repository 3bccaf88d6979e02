"""``mock-ofd verify``: is a receipt genuine? By the text of its QR code, or by an export and the signing key.

The rule: a QR code is looked up in a running operator's ledger; an export proves itself, so it is judged here, with the
keys alone. The verdict is the first word on standard output, and the exit code says it too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fiscal.domain.signs import LAYOUT_10
from fiscal.errors import ConfigurationError
from fiscal.wire.given import read_within
from mock_ofd.cli.api import DEFAULT_URL, URL_VARIABLE, Api, ApiError
from mock_ofd.cli.exits import Exit

_CODES: Final[Mapping[str, Exit]] = {"genuine": Exit.OK, "altered": Exit.ALTERED, "unknown": Exit.UNKNOWN}
CODE_SIZE_MAX: Final = 8 * 1024
"""Bytes of the text of a code: the largest QR code holds 2,953."""
EXPORT_SIZE_MAX: Final = 1024 * 1024
"""Bytes of an export: the content, at most 256 KiB, in hexadecimal digits."""
_EXPORTED: Final = ("register", "content", "sign", "key")


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd verify",
        description="Say of a receipt whether it is genuine (exit code 0), altered (20) or unknown (21).",
        allow_abbrev=False,
    )
    made.add_argument("qr", nargs="?", help="the text of the QR code; - reads it from standard input")
    made.add_argument(
        "--export", type=Path, metavar="FILE", help="judge an exported document instead; asks no operator"
    )
    made.add_argument(
        "--signing-keys", type=Path, metavar="FILE", help="the keys for --export (default: the public key)"
    )
    made.add_argument("--url", metavar="URL", help=f"where the operator is (default: {DEFAULT_URL}, or {URL_VARIABLE})")
    made.add_argument("--json", action="store_true", help="print the verdict as one JSON object")
    return made


def main(arguments: Sequence[str]) -> int:
    """Judge one receipt; the exit code."""
    options_of = parser()
    try:
        options = options_of.parse_args(arguments)
        if (options.qr is None) == (options.export is None):
            options_of.error("give the text of a QR code, or --export FILE")
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    try:
        found = _by_export(options) if options.export is not None else _by_code(options)
    except ApiError as error:
        sys.stderr.write(f"mock-ofd verify: {error}\n")
        return error.code
    _print(found, as_json=options.json)
    return _CODES[found["verdict"]]


def _by_code(options: argparse.Namespace) -> dict[str, Any]:
    try:
        text = read_within(sys.stdin.buffer, CODE_SIZE_MAX).decode() if options.qr == "-" else options.qr
    except ValueError as error:
        raise ApiError(Exit.USAGE, f"standard input is no text of a QR code: {error}") from None
    return Api(options.url).get("verify", qr=text.strip())


def _by_export(options: argparse.Namespace) -> dict[str, Any]:
    from ofd_server.config import settings_of, signer_of  # noqa: PLC0415 - a QR code needs none of it
    from ofd_server.core.verify import verify_export  # noqa: PLC0415

    export = _read_export(options.export)
    digits = LAYOUT_10.digits if len(export["sign"]) == LAYOUT_10.digits else 12
    try:
        signer = signer_of(settings_of(signing_keys=options.signing_keys, sign_digits=digits))
        content = bytes.fromhex(export["content"])
    except ConfigurationError as error:
        raise ApiError(Exit.USAGE, str(error)) from None
    except ValueError:
        raise ApiError(Exit.USAGE, f"{options.export}: content must be hexadecimal digits") from None
    found = verify_export(export["register"], content, export["sign"], export["key"], signer)
    return {
        "verdict": found.verdict.value,
        "reasons": [{"code": each.code, "field": each.field, "text": each.text} for each in found.reasons],
        "register": found.register,
        "number": found.number,
    }


def _read_export(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            value = json.loads(read_within(file, EXPORT_SIZE_MAX))
    except (OSError, ValueError, RecursionError) as error:
        raise ApiError(Exit.USAGE, f"--export: {path} cannot be read: {error}") from None
    for name in _EXPORTED:
        if not isinstance(value, dict) or not isinstance(value.get(name), str):
            raise ApiError(Exit.USAGE, f"--export: {path} carries no {name}")
    return {name: value[name] for name in _EXPORTED}


def _print(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return
    which = "" if found["number"] is None else f": document {found['number']} of register {found['register']}"
    sys.stdout.write(f"{found['verdict']}{which}\n")
    for reason in found["reasons"]:
        sys.stdout.write(f"  {reason['text']}\n")
