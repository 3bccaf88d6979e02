"""What people get to see: receipts and reports as text for paper and as HTML for screens.

The rule: what stands on a form is decided once (:mod:`.receipts`, :mod:`.reports`), as rows of a :class:`.sheet.Sheet`;
:mod:`.text` and :mod:`.html` only lay the rows out. So the printed and the electronic form cannot differ (S3-18).
"""
