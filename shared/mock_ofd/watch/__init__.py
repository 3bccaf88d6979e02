"""The fleet in a terminal: what ``mock-ofd watch`` shows.

The rule: the same interface as the page's, the same words, the same rule about ✔✔. :mod:`.source` asks, :mod:`.fleet` and
:mod:`.marks` know, the screens only show.
"""
