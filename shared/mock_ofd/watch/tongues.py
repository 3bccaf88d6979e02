"""The watcher's texts in Russian and Kazakh.

The rule: the English text is its own key, so that nothing is without words; a test finds what a language lacks. What a
register says of itself is told by its code, in the words of the operator's page; in English it stands as it was told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.binding import BindingsMap

LANGUAGES: Final = ("en", "ru", "kk")

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # Lamps and figures.
    "online": ("на связи", "байланыста"),
    "autonomous": ("автономна", "автономды"),
    "sending": ("передаёт", "жіберуде"),
    "blocked": ("блокирована", "бұғатта"),
    "silent": ("молчит", "үнсіз"),
    "removed": ("удалена", "жойылған"),
    "unknown": ("неизвестно", "белгісіз"),
    "ms": ("мс", "мс"),
    "s": ("с", "с"),
    "min": ("мин", "мин"),
    "h": ("ч", "сағ"),
    "d": ("сут", "күн"),
    "fleet": ("кассы", "кассалар"),
    "{registers} registers  {documents} documents  {waiting} waiting, oldest {oldest}  {rate} answers/s  {late} late": (
        "касс: {registers}  документов: {documents}  ждут: {waiting}, старший {oldest}  ответов/с: {rate}  поздних: {late}",
        "касса: {registers}  құжат: {documents}  күтуде: {waiting}, ең ескісі {oldest}  жауап/с: {rate}  кеш: {late}",
    ),
    "answers/s": ("ответов/с", "жауап/с"),
    "waiting": ("ждут", "күтуде"),
    "register": ("касса", "касса"),
    "state": ("состояние", "күйі"),
    "documents": ("документы", "құжаттар"),
    "oldest": ("старший", "ең ескісі"),
    "heard": ("слышно", "естілді"),
    "part of a register's id": ("часть номера кассы", "касса нөмірінің бөлігі"),
    # Keys.
    "open": ("открыть", "ашу"),
    "lamps/lines": ("лампы/строки", "шам/жол"),
    "search": ("поиск", "іздеу"),
    "quit": ("выход", "шығу"),
    "back": ("назад", "артқа"),
    "width": ("ширина", "ені"),
    "X-report": ("X-отчёт", "X-есеп"),
    "more": ("ещё", "тағы"),
    "cut": ("обрыв", "үзу"),
    "slow": ("медленно", "баяу"),
    "restore": ("вернуть", "қалпына"),
    "lose an answer": ("потеря", "жоғалту"),
    "pay/not": ("плата", "төлем"),
    # A register.
    "register {id}": ("касса {id}", "{id} кассасы"),
    "document": ("документ", "құжат"),
    "total": ("сумма", "сома"),
    "marks": ("знаки", "белгі"),
    "sign": ("признак", "белгі №"),
    "own sign": ("автоном.", "автоном."),
    "delivered": ("передан", "жетті"),
    "not yet": ("ещё нет", "әлі жоқ"),
    "sell": ("продажа", "сату"),
    "sell_return": ("возврат", "қайтару"),
    "buy": ("покупка", "сатып алу"),
    "buy_return": ("возв.покупки", "алуды қайт."),
    "receipt": ("чек", "чек"),
    "correction": ("коррекция", "түзету"),
    "deposit": ("внесение", "енгізу"),
    "withdrawal": ("изъятие", "алу"),
    "close_shift": ("Z-отчёт", "Z-есеп"),
    "void": ("аннулирован", "жою"),
    "operator": ("оператор", "оператор"),
    "shift": ("смена", "ауысым"),
    "it said": ("сказала", "айтты"),
    "it says": ("говорит", "айтады"),
    "stuck": ("мешает", "кедергі"),
    "connected": ("на связи", "байланыста"),
    "no session": ("соединения нет", "қосылым жоқ"),
    "{standing}, {session}, {n} documents, last at {at}": (
        "{standing}, {session}, документов {n}, последний в {at}",
        "{standing}, {session}, құжат {n}, соңғысы {at}",
    ),
    "{n}, open since {at}, cash {cash}, revenue {revenue}": (
        "{n}, открыта {at}, наличных {cash}, выручка {revenue}",
        "{n}, ашылды {at}, қолма-қол {cash}, түсім {revenue}",
    ),
    "{n}, closed, cash {cash}, revenue {revenue}": (
        "{n}, закрыта, наличных {cash}, выручка {revenue}",
        "{n}, жабық, қолма-қол {cash}, түсім {revenue}",
    ),
    "at {at}: {mode}": ("в {at}: {mode}", "{at}: {mode}"),
    "{mode} since {since}": ("{mode} с {since}", "{mode}, {since} бері"),
    "{n} waiting": ("ждут: {n}", "күтуде: {n}"),
    "{n} waiting since {since}": ("ждут: {n} с {since}", "күтуде: {n}, {since} бері"),
    "the first is document {number}": ("первым документ {number}", "бірінші {number} құжат"),
    "document {number} tried {n} times, again {next}": (
        "документ {number}, попыток {n}, снова {next}",
        "{number} құжат, әрекет {n}, қайта {next}",
    ),
    "document {number} tried {n} times ({error}), again {next}": (
        "документ {number}, попыток {n} ({error}), снова {next}",
        "{number} құжат, әрекет {n} ({error}), қайта {next}",
    ),
    "now": ("сейчас", "қазір"),
    "in {time}": ("через {time}", "{time} кейін"),
    "document {number}: {wrong}": ("документ {number}: {wrong}", "{number} құжат: {wrong}"),
    "its register calls it delivered, and the ledger does not hold it": (
        "касса считает его переданным, а у оператора его нет",
        "касса жіберілді деп санайды, ал операторда ол жоқ",
    ),
    "its register has another sign than the ledger": (
        "признаки в кассе и у оператора разные",
        "кассадағы және оператордағы белгілері әртүрлі",
    ),
    "it is still in its register's memory; the operator has no paper of it": (
        "он ещё только в памяти кассы; у оператора его нет",
        "ол әлі тек касса жадында; операторда жоқ",
    ),
    "these are all {n} documents": ("это все документы: {n}", "барлық құжаттар осы: {n}"),
    # A paper, and the line above.
    "document {number} of {register}": ("документ {number} кассы {register}", "{register} кассасының {number} құжаты"),
    "X-report of {register}": ("X-отчёт кассы {register}", "{register} кассасының X-есебі"),
    "NO OPERATOR for {time}, trying again — {why}": (
        "НЕТ ОПЕРАТОРА {time}, пробуем снова — {why}",
        "ОПЕРАТОР ЖОҚ {time}, қайта көріледі — {why}",
    ),
    "it ended the stream": ("он закончил передачу", "ол таратуды аяқтады"),
    "it does not answer": ("не отвечает", "жауап бермейді"),
}

_language = "en"


def speak(language: str) -> None:
    """From here on everything is said in this language."""
    global _language  # noqa: PLW0603 - one person looks at one terminal
    assert language in LANGUAGES, "the command line has checked it"
    _language = language


def say(text: str, **values: Any) -> str:
    """The text in the reader's language, with ``{name}`` replaced."""
    if _language != "en" and text in _WORDS:
        text = _WORDS[text][LANGUAGES.index(_language) - 1]
    return text.format(**values) if values else text


def say_keys(bindings: BindingsMap) -> None:
    """Have the keys of a screen, or of a part of it, described in the reader's language."""
    for key, bound in bindings.key_to_bindings.items():
        bindings.key_to_bindings[key] = [replace(each, description=say(each.description)) for each in bound]


def label(text: str) -> str:
    """A word before a line, as wide as all of them."""
    return f"{say(text):<10}"


def by_page(key: str) -> str | None:
    """What the operator's page says under a key; ``None`` in English, and for a key that it does not have."""
    return None if _language == "en" else _page(_language).get(key)


@cache
def _page(language: str) -> Mapping[str, str]:
    words: Mapping[str, str] = json.loads(
        resources.files("ofd_server.web").joinpath("static", f"{language}.json").read_text("utf-8")
    )
    return words


def said(code: str | None, words: str) -> str:
    """What a register said, by its code."""
    return by_page(f"says.{code}") or words
