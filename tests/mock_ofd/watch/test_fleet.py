"""The fleet as the watcher knows it."""

import pytest

from mock_ofd.watch.fleet import LAMPS, FleetModel
from ofd_server.core.fleet import Lamp
from ofd_server.gateways.http.fleet import COLUMNS

T0 = 1_767_250_800_000


def row(place, lamp="online", documents=1, waiting=None, **given):
    facts = {"place": place, "id": f"kkm-{place}", "lamp": lamp, "documents": documents, "waiting": waiting}
    facts |= {"oldest_at": None, "heard_at": T0, **given}
    return [facts[name] for name in COLUMNS]


def figures(at=T0, answers=0, **given):
    lamps = dict.fromkeys(LAMPS, 0)
    return {
        "at": at,
        "documents": 3,
        "waiting": 2,
        "oldest_at": None,
        "answers": answers,
        "late": 0,
        "lamps": lamps,
    } | given


def part(*rows, history=(), columns=COLUMNS, **given):
    return {
        "columns": columns,
        "rows": rows,
        "history": history,
        "figures": figures(),
        "cursor": "x",
        "next": None,
    } | given


def ids(model):
    return [each.id for each in model.rows()]


def test_the_whole_comes_in_parts():
    model = FleetModel()
    model.begin([part(row(1), row(2)), part(row(3))])
    assert ids(model) == ["kkm-1", "kkm-2", "kkm-3"]
    assert model.size == 3
    model.begin([part(row(2))])
    assert ids(model) == ["kkm-2"]


def test_what_changes():
    model = FleetModel()
    model.begin([part(row(1), row(2), row(3))])
    before = model.changes
    model.take({"rows": [row(3, "blocked"), row(2, "removed"), row(4, "sending", waiting=7)], "figures": figures()})
    assert model.changes > before
    assert [(each.id, each.lamp, each.waiting) for each in model.rows()] == [
        ("kkm-1", Lamp.ONLINE, None),
        ("kkm-3", Lamp.BLOCKED, None),
        ("kkm-4", Lamp.SENDING, 7),
    ]
    model.take({"rows": [row(9, "removed")], "figures": figures()})
    assert model.size == 3


@pytest.mark.parametrize(
    ("wanted", "needle", "found"),
    [
        (None, "", [1, 2, 3, 12]),
        (Lamp.BLOCKED, "", [2, 12]),
        (Lamp.SILENT, "", []),
        (None, "KKM-1", [1, 12]),
        (Lamp.BLOCKED, "1", [12]),
    ],
)
def test_what_is_wanted(wanted, needle, found):
    model = FleetModel()
    model.begin([part(row(1), row(2, "blocked"), row(3), row(12, "blocked"))])
    assert len(model.rows()) == 4
    model.wanted, model.needle = wanted, needle
    assert [each.place for each in model.rows()] == found


def test_rows_are_chosen_once_for_each_drawing():
    model = FleetModel()
    model.begin([part(row(1))])
    assert model.rows() is model.rows()
    known = model.rows()
    model.take({"rows": [], "figures": figures()})
    assert model.rows() is not known


def word(place, mode="online", *, connected=True, unsent=0, oldest=None):
    facts = {"register": f"kkm-{place}", "mode": mode, "connected": connected}
    return facts | {"unsent": unsent, "oldest_unsent_at": oldest}


@pytest.mark.parametrize(
    ("told", "said", "shown"),
    [
        ("silent", word(1), Lamp.ONLINE),
        ("silent", word(1, "autonomous", connected=False), Lamp.AUTONOMOUS),
        ("online", word(1, "autonomous"), Lamp.SENDING),
        ("online", word(1, "blocked"), Lamp.BLOCKED),
        ("sending", word(1, "blocked_autonomous"), Lamp.BLOCKED),
        ("blocked", word(1), Lamp.BLOCKED),
    ],
)
def test_a_register_that_can_be_heard_is_shown_by_its_word(told, said, shown):
    model = FleetModel()
    model.begin([part(row(1, told), row(2))])
    before = model.changes
    model.hear(said)
    assert [each.lamp for each in model.rows()] == [shown, Lamp.ONLINE]
    assert model.changes > before
    model.take({"rows": [row(1, told, documents=9)], "figures": figures()})
    assert (model.rows()[0].lamp, model.rows()[0].documents) == (shown, 9)


def test_figures_with_the_words_of_those_who_can_be_heard():
    model = FleetModel()
    model.begin([part(row(1), row(2, waiting=4, oldest_at=T0 - 5), row(3))])
    assert (model.figures.waiting, model.lamps[Lamp.ONLINE]) == (2, 0), "as the operator tells them"
    model.hear(word(1, "autonomous", connected=False, unsent=7, oldest=T0 - 9))
    model.hear(word(9))
    assert (model.figures.waiting, model.figures.oldest_at) == (11, T0 - 9)
    assert (model.lamps[Lamp.ONLINE], model.lamps[Lamp.AUTONOMOUS], model.size) == (2, 1, 3)
    model.begin([part(row(1))])
    assert model.rows()[0].lamp is Lamp.ONLINE, "words are heard anew"


def test_columns_may_stand_in_another_order_and_be_more():
    columns = ["what", *reversed(COLUMNS)]
    model = FleetModel()
    model.begin([part([0, *reversed(row(1, documents=5))], columns=columns)])
    model.take({"rows": [[0, *reversed(row(2, documents=6))]], "figures": figures()})
    assert [each.documents for each in model.rows()] == [5, 6]


def test_answers_a_second_are_what_came_between_two_figures():
    history = [(T0 - 3_000, 10, 0, 4, 1), (T0 - 2_000, 15, 0, 5, 1), (T0 - 1_000, 15, 0, 6, 1)]
    model = FleetModel()
    model.begin([part(row(1), history=history, figures=figures(T0 - 1_000, 15))])
    assert list(model.rates) == [5.0, 0.0]
    assert list(model.waiting) == [4, 5, 6]
    model.take({"rows": [], "figures": figures(T0 - 1_000, 15)})
    assert list(model.rates) == [5.0, 0.0], "the same second tells nothing new"
    model.take({"rows": [], "figures": figures(T0 + 1_000, 45, waiting=9)})
    assert list(model.rates) == [5.0, 0.0, 15.0]
    assert list(model.waiting) == [4, 5, 6, 9]
    assert (model.figures.rate, model.figures.waiting, model.figures.at) == (15.0, 9, T0 + 1_000)


def test_figures_of_a_new_process_begin_anew():
    model = FleetModel()
    model.begin([part(figures=figures(T0, 100))])
    model.take({"rows": [], "figures": figures(T0 + 1_000, 5)})
    assert list(model.rates) == [0.0], "fewer answers than before are no answers"
    model.begin([part(figures=figures(T0, 0))])
    assert list(model.rates) == []
