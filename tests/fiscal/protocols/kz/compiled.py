"""What the compiler makes of the ``.proto`` files, with what we change in it.

The rule: the files in the repository are what comes out here, byte for byte. Two things are changed. The head says who
made the file. And in the types a field of an enum is an ``int``, which is what it is at run time: the compiler promises
an enum class that no value is ever an instance of.
"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from grpc_tools import protoc

ROOT: Final = Path(__file__).parents[4]
SHARED: Final = ROOT / "shared"
SCHEMA: Final = SHARED / "fiscal/protocols/kz/schema"
SOURCES: Final = sorted(SCHEMA.glob("*/*.proto"))
HEAD: Final = "# Generated from kkm.proto by `make proto`: do not edit.\n"

_FROM_COMPILER = re.compile(r"\A(?:# (?!Protobuf Python Version).*\n)*")
_ENUM = re.compile(r"^ *class (\w+)\(int, metaclass=", re.MULTILINE)


def compiled() -> dict[Path, str]:
    """The generated files as they have to be, by their places."""
    with TemporaryDirectory() as folder:
        sources = [source.relative_to(SHARED).as_posix() for source in SOURCES]
        status = protoc.main(["protoc", f"-I{SHARED}", f"--python_out={folder}", f"--pyi_out={folder}", *sources])
        assert status == 0, status
        made = {SHARED / path.relative_to(folder): path.read_text() for path in Path(folder).rglob("*.py*")}
    return {path: with_our_head(plain_enums(text) if path.suffix == ".pyi" else text) for path, text in made.items()}


def with_our_head(text: str) -> str:
    return HEAD + _FROM_COMPILER.sub("", text, count=1)


def plain_enums(text: str) -> str:
    """The types with ``int`` for the fields of enums; the enums themselves stay."""
    enum = rf"(?:\w+\.)*(?:{'|'.join(_ENUM.findall(text))})"
    text = re.sub(rf"_Union\[{enum}, str\]", "int", text)
    text = re.sub(rf"^( +[a-z_]\w*): {enum}$", r"\1: int", text, flags=re.MULTILINE)
    return re.sub(rf"RepeatedScalarFieldContainer\[{enum}\]", "RepeatedScalarFieldContainer[int]", text)
