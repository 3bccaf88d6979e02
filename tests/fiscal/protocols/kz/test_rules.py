"""The table of rules."""

from fiscal.protocols.kz.codes import ResultCode
from fiscal.protocols.kz.rules import RULES, Finding, Level, Unfit


def test_every_rule_has_one_of_two_codes_and_a_source():
    for rule in RULES.values():
        assert rule.code in {ResultCode.INCORRECT_REQUEST_DATA, ResultCode.BLOCKED}
        assert rule.what
        assert rule.source


def test_the_line_between_refusals_and_warnings():
    assert Finding("operator_missing", "a", "b").is_refusal
    assert Finding("operator_missing", "a", "b").code == 15
    assert not Finding("vat_rate", "a", "b").is_refusal
    assert Finding("vat_rate", "a", "b").code == 13
    levels = [rule.level for rule in RULES.values()]
    assert levels == sorted(levels, key=[Level.REFUSE, Level.WARN].index), "refusals stand first"


def test_a_path_grows_from_within():
    unfit = Unfit("limit", "name", "is long").within("items[1]").within("ticket")
    assert unfit.finding == Finding("limit", "ticket.items[1].name", "is long")
