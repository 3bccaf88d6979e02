"""``python -m tests.fiscal.protocols.kz.write``: compile the ``.proto`` files anew; ``make proto`` does it."""

from __future__ import annotations

import sys

from tests.fiscal.protocols.kz.compiled import ROOT, compiled

for path, text in sorted(compiled().items()):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"written: {path.relative_to(ROOT)}\n")
