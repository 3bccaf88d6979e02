"""``python -m tests.docs.write``: bring the tables that are made from the code up to date in every page, and the schema of
the reports of load.
"""

from __future__ import annotations

from tests.docs.generated import fill, report
from tests.docs.load_tables import SCHEMA, schema
from tests.docs.pages import all_pages

changed = []
for page in all_pages():
    before = page.text
    after = fill(before)
    if after != before:
        page.path.write_text(after, encoding="utf-8")
        changed.append(page.name)
if SCHEMA.read_text(encoding="utf-8") != schema():
    SCHEMA.write_text(schema(), encoding="utf-8")
    changed.append(SCHEMA.name)
report(changed)
