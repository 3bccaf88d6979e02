"""The words and numbers of the report's page in English, Russian and Kazakh. Pure.

The rule: the English text is its own key, so that nothing is without words; a test finds what a language lacks, and what
nobody asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("en", "ru", "kk")
SPACE: Final = "\u202f"
"""A narrow space that no line is broken at, between thousands."""
NOT_MEASURED: Final = "–"
SECOND_MS: Final = 1000

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # The verdict.
    "Load report": ("Отчёт о нагрузке", "Жүктеме есебі"),
    "Policies compared": ("Сравнение правил возвращения", "Оралу ережелерін салыстыру"),
    "proven": ("доказано", "дәлелденді"),
    "delivered": ("доставлено", "жеткізілді"),
    "stopped": ("остановлено", "тоқтатылды"),
    "failed": ("не выдержано", "орындалмады"),
    "{documents} documents of {registers} registers: every one is in the ledger once, in its order, and was answered in time.": (
        "Документов: {documents}, касс: {registers}. Каждый есть в журнале оператора один раз, на своём месте, и ответ пришёл вовремя.",
        "Құжат: {documents}, касса: {registers}. Әрқайсысы оператор журналында бір рет, өз орнында тұр, жауабы уақытында келді.",
    ),
    "{documents} documents of {registers} registers: every one was acknowledged in time. The operator's ledger could not be read.": (
        "Документов: {documents}, касс: {registers}. Каждый подтверждён вовремя. Журнал оператора прочитать было нельзя.",
        "Құжат: {documents}, касса: {registers}. Әрқайсысы уақытында расталды. Оператор журналын оқу мүмкін болмады.",
    ),
    "Stopped: {acknowledged} of {documents} documents of {registers} registers were acknowledged, and nothing was wrong until then.": (
        "Остановлено: подтверждено {acknowledged} документов из {documents}, касс: {registers}; до этого всё было верно.",
        "Тоқтатылды: {documents} құжаттың {acknowledged} расталды, касса: {registers}; оған дейін бәрі дұрыс болды.",
    ),
    "Wrong with {documents} documents of {registers} registers: {what}.": (
        "Документов: {documents}, касс: {registers}. Неверно: {what}.",
        "Құжат: {documents}, касса: {registers}. Қате: {what}.",
    ),
    "not delivered": ("не доставлено", "жеткізілмеді"),
    "threshold exceeded": ("порог превышен", "шек асып кетті"),
    "What this run was to fail by": ("При чём прогон считается неудачным", "Сынақ қандай жағдайда сәтсіз"),
    "exceeded": ("превышен", "асты"),
    "kept": ("выдержан", "сақталды"),
    "threshold": ("порог", "шек"),
    "measured": ("измерено", "өлшенді"),
    "verdict": ("итог", "қорытынды"),
    # Figures.
    "Figures": ("Показатели", "Көрсеткіштер"),
    "registers": ("кассы", "кассалар"),
    "documents": ("документы", "құжаттар"),
    "sent": ("отправлено", "жіберілді"),
    "acknowledged": ("подтверждено", "расталды"),
    "lost": ("потеряно", "жоғалды"),
    "doubled": ("удвоено", "қосарланды"),
    "overtaken": ("не по порядку", "реті бұзылды"),
    "late": ("поздно", "кешікті"),
    "drained in": ("очередь передана за", "кезек жіберілді"),
    "documents per second": ("документов в секунду", "секундына құжат"),
    "answers, p99": ("ответы, p99", "жауаптар, p99"),
    "queue ahead of the commit, peak": ("очередь к записи, пик", "жазуға кезек, шыңы"),
    "first sign, p50": ("первый признак, p50", "алғашқы белгі, p50"),
    "operator's memory, peak": ("память оператора, пик", "оператор жады, шыңы"),
    "operator's processor time": ("процессор оператора", "оператор процессоры"),
    "part of a bare echo": ("доля от простого эха", "жай жаңғырықтың үлесі"),
    "bare echo, messages per second": ("простое эхо, сообщений в секунду", "жай жаңғырық, секундына хабар"),
    "connections opened": ("открыто соединений", "ашылған қосылымдар"),
    'answers "come back later"': ("ответы «вернитесь позже»", "«кейін келіңіз» жауаптары"),
    "time of an answer": ("время ответа", "жауап уақыты"),
    "delay of a document": ("задержка документа", "құжаттың кідірісі"),
    "wait for the first sign": ("ожидание первого признака", "алғашқы белгіні күту"),
    "half": ("половина", "жартысы"),
    "slowest": ("самый долгий", "ең баяуы"),
    "Times": ("Времена", "Уақыттар"),
    "{count} measured": ("измерено: {count}", "өлшенді: {count}"),
    "not measured": ("не измерено", "өлшенбеді"),
    # Plots.
    "Backlog": ("Очередь", "Кезек"),
    "documents that wait": ("документы в ожидании", "күтудегі құжаттар"),
    "Answers per second": ("Ответы в секунду", "Секундына жауап"),
    "answers": ("ответы", "жауаптар"),
    "Time of an answer, second by second": ("Время ответа по секундам", "Жауап уақыты секунд сайын"),
    "99 % of the answers of each second": ("99 % ответов каждой секунды", "Әр секундтағы жауаптардың 99 %-ы"),
    "Wait for the first sign": ("Ожидание первого признака", "Алғашқы белгіні күту"),
    "Times by their part": ("Времена по долям", "Уақыттар үлесі бойынша"),
    "Connections per second": ("Соединения в секунду", "Секундына қосылым"),
    "connections": ("соединения", "қосылымдар"),
    "put off": ("отложены", "кейінге"),
    "Queue ahead of the commit": ("Очередь к записи в журнал", "Журналға жазу кезегі"),
    "documents ahead": ("документы впереди", "алдағы құжаттар"),
    "seconds since the link is back": ("секунды с возвращения связи", "байланыс оралғаннан бергі секунд"),
    "part of all": ("доля от всех", "барлығының үлесі"),
    "answer limit": ("предел ответа", "жауап шегі"),
    "Each point is the worst or the mean of {seconds} seconds.": (
        "Каждая точка – худшее или среднее за {seconds} с.",
        "Әр нүкте – {seconds} секундтың ең нашары не ортасы.",
    ),
    "{name}: at most {most}, at the end {last}": (
        "{name}: не больше {most}, в конце {last}",
        "{name}: ең көбі {most}, соңында {last}",
    ),
    "{name}: not measured": ("{name}: не измерено", "{name}: өлшенбеді"),
    # Lists.
    "Registers with which something is wrong": ("Кассы, с которыми что-то не так", "Бірдеңесі дұрыс емес кассалар"),
    "register": ("касса", "касса"),
    "what is wrong first": ("что неверно первым", "алғашқы қате"),
    "and {count} more": ("и ещё {count}", "және тағы {count}"),
    "The JSON report lists all of them.": ("Все они есть в отчёте JSON.", "Барлығы JSON есебінде бар."),
    "Tried again on the way": ("Повторялось в пути", "Жолда қайталанды"),
    "what happened": ("что случилось", "не болды"),
    "times over": ("раз", "рет"),
    "Scenario": ("Сценарий", "Сценарий"),
    "Machine": ("Машина", "Машина"),
    "processor": ("процессор", "процессор"),
    "cores": ("ядра", "ядролар"),
    "memory": ("память", "жады"),
    "system": ("система", "жүйе"),
    "interpreter": ("интерпретатор", "интерпретатор"),
    "libraries": ("библиотеки", "кітапханалар"),
    "load before the end": ("загрузка к концу", "соңындағы жүктеме"),
    "Second by second": ("По секундам", "Секунд сайын"),
    "second": ("секунда", "секунд"),
    "connected": ("на связи", "байланыста"),
    "policy": ("правило", "ереже"),
    "The same storm, from the same seed, under each policy.": (
        "Одна и та же буря, из одного и того же зерна, при каждом правиле.",
        "Бірдей дауыл, бірдей дәннен, әр ережемен.",
    ),
    "Side by side": ("Рядом", "Қатар"),
    "The best of each row is marked.": ("Лучшее в каждой строке отмечено.", "Әр жолдың ең жақсысы белгіленген."),
    "best": ("лучшее", "ең жақсы"),
    "Stopped before the last policy was through.": (
        "Остановлено до конца последнего правила.",
        "Соңғы ереже аяқталғанша тоқтатылды.",
    ),
    # Units.
    "s": ("с", "с"),
    "ms": ("мс", "мс"),
    "MB": ("МБ", "МБ"),
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its words, and how it writes numbers."""

    language: str = "en"

    def text(self, english: str, **given: object) -> str:
        """The text in this language, with what is given in its places."""
        words = WORDS[english]
        found = english if self.language == "en" else words[LANGUAGES.index(self.language) - 1]
        return found.format(**given) if given else found

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many digits behind its point; a dash when it was not measured."""
        if value is None:
            return NOT_MEASURED
        plain = f"{value:,.{digits}f}"
        if self.language == "en":
            return plain
        return plain.replace(",", SPACE).replace(".", ",")

    def ms(self, value: float | None) -> str:
        """Milliseconds, as three figures with a unit: 0.412 ms, 87.3 ms, 1.24 s."""
        if value is None:
            return NOT_MEASURED
        if value >= SECOND_MS:
            return self.seconds(value / SECOND_MS)
        return f"{self.number(value, _digits(value))} {self.text('ms')}"

    def ms_mark(self, value: float) -> str:
        """A power of ten of milliseconds, as it stands beside a plot."""
        plain, unit = (value / SECOND_MS, "s") if value >= SECOND_MS else (value, "ms")
        return f"{plain:g} {self.text(unit)}".replace(".", "." if self.language == "en" else ",")

    def seconds(self, value: float | None) -> str:
        """Seconds, likewise."""
        if value is None:
            return NOT_MEASURED
        return f"{self.number(value, _digits(value))} {self.text('s')}"

    def mb(self, value: float | None) -> str:
        """Megabytes."""
        return NOT_MEASURED if value is None else f"{self.number(value, _digits(value))} {self.text('MB')}"


def _digits(value: float) -> int:
    """Digits behind the point that make three figures; a plain zero has none."""
    if value == 0:
        return 0
    return next((digits for digits, least in enumerate((100, 10, 1)) if value >= least), 3)
