// One register: what the operator knows of it, what it last said of itself, and its documents with their marks.
//
// The rule: three voices are kept apart. The operator's knowledge is the ledger; the register's report is a word with the
// time at which it was given; a register of the operator's own process can be heard live. What nobody said is "unknown".

import { follow, get, heldDocument, isLive, part } from "./api.js";
import { LinkControls, TillControls } from "./controls.js";
import { el, facts, fill, say, write } from "./dom.js";
import { judge, marksOf } from "./marks.js";
import { quoted, said } from "./said.js";
import { duration, figure, has, moment, money, text } from "./words.js";

const SHOWN = 100;
const MORE = 250; // as many older documents at a time are a page's work that nobody notices
const READ_AGAIN_MS = 300;
const CLAIM_MS = 1_500; // how long a register may be ahead of what we have read of the ledger before we ask it

export async function showRegister(place, id) {
  const view = new RegisterView(place, id);
  await view.begin();
  return () => view.end();
}

/** What the cashier of a register was told last, while this page is open. */
const told = new Map();

class RegisterView {
  constructor(place, id) {
    this.id = id;
    this.path = `/registers/${part(id)}`;
    this.held = new Map(); // by number, as the ledger tells it
    this.own = new Map(); // by number, as a register of this process tells it
    this.shown = new Map();
    this.ends = [];
    this.knows = el("div");
    this.said = el("div");
    this.stuck = el("div");
    this.word = el("section", { class: "card", hidden: true, "aria-labelledby": "word-title" });
    this.counters = el("tbody");
    this.body = el("tbody", { id: "documents" });
    this.lines = new Map(); // rows of the table by number
    this.next = undefined; // where the older documents begin; null when all are here
    this.count = el("span", { class: "soft", id: "documents-shown" });
    this.more = el("button", { type: "button", id: "documents-more", hidden: true }, text("documents.more"));
    this.more.addEventListener("click", () => this.readOlder());
    this.wrong = el("div", { role: "alert" });
    this.links = new LinkControls(id, () => this.readSoon());
    this.tillPlace = el("div");
    this.build(place);
  }

  build(place) {
    const card = (name, ...children) =>
      el("section", { class: "card", "aria-labelledby": `${name}-title` }, el("h2", { id: `${name}-title` }, text(`${name}.title`)), children);
    const columns = ["number", "kind", "total", "marks", "sign", "own_sign", "issued", "delivery"];
    const kinds = { total: "number", own_sign: "optional", issued: "optional" };
    const heads = columns.map((name) => el("th", { scope: "col", class: kinds[name] }, text(`document.${name}`)));
    fill(
      place,
      el("p", { class: "row" }, el("a", { href: "#/" }, `← ${text("fleet.title")}`)),
      el("h1", {}, text("register.title", { id: this.id })),
      this.wrong,
      el("div", { class: "columns wide" }, this.tillPlace, el("div", {}, this.links.element, card("stuck", this.stuck))),
      el("div", { class: "columns" }, card("knows", this.knows), card("said", this.said), this.word),
      card(
        "documents",
        el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "documents-title" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), this.body)),
        el("p", { class: "row" }, this.more, this.count),
      ),
      card(
        "counters",
        el(
          "details",
          {},
          el("summary", {}, text("counters.show")),
          el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "counters-title" }, el("table", {}, this.counters)),
        ),
      ),
    );
  }

  async begin() {
    await this.read();
    if (this.missing) return;
    await this.beginLive();
    this.ends.push(
      follow(`/events?register=${part(this.id)}`, {
        document: (news) => this.hold(news, true),
        made_autonomous: () => this.readSoon(),
        standing_changed: () => this.readSoon(),
        session_opened: () => this.readSoon(),
        session_closed: () => this.readSoon(),
        status_reported: () => this.readSoon(),
        period: () => this.readSoon(),
        // What was missed while nobody listened is read from the ledger.
        open: () => this.readSoon(),
        gap: () => this.readSoon(),
      }),
    );
    this.ends.push(stopper(setInterval(() => this.age(), 1_000)));
  }

  end() {
    this.ended = true;
    for (const end of this.ends) end();
    clearTimeout(this.soon);
  }

  // ----------------------------------------------------------------------------------------------- the operator's word

  async read() {
    try {
      const [register, link, documents] = await Promise.all([
        get(this.path),
        get(`${this.path}/link`),
        get(`/documents?register=${part(this.id)}&limit=${SHOWN}`),
      ]);
      if (this.ended) return;
      this.register = register;
      this.links.show(link);
      this.showKnowledge();
      // Newer than all that we have and without a document in common: what is between them was missed, and is read on.
      const joins = documents.items.some((each) => this.held.has(each.number));
      if (this.next === undefined || (documents.items.length > 0 && !joins)) this.next = documents.next;
      for (const document of documents.items.reverse()) this.hold(document, false);
      this.showCount();
    } catch (error) {
      this.missing = error.status === 404;
      fill(this.knows, el("p", { class: "wrong" }, error.message));
    }
  }

  /** A page of older documents below those that are shown. */
  async readOlder() {
    if (this.next === null || this.more.disabled) return;
    this.more.disabled = true;
    const before = this.shown.size;
    try {
      const page = await get(`/documents?register=${part(this.id)}&limit=${MORE}&before=${this.next}`);
      if (this.ended) return;
      for (const document of page.items) this.hold(document, false);
      this.next = page.next;
      say(text("documents.came", { n: figure(this.shown.size - before) }));
    } catch (error) {
      say(error.message);
      write(this.count, error.message);
      return;
    } finally {
      this.more.disabled = false;
    }
    this.showCount();
    // Who pressed the button goes on from there by keyboard, also when it has gone.
    if (this.more.hidden) this.body.rows[this.body.rows.length - 1]?.querySelector("a").focus();
    else this.more.focus();
  }

  showCount() {
    this.more.hidden = this.next === null || this.next === undefined;
    write(this.count, text(this.more.hidden ? "documents.all" : "documents.shown", { n: figure(this.shown.size) }));
  }

  readSoon() {
    if (this.soon || this.ended) return;
    this.soon = setTimeout(() => {
      this.soon = null;
      this.read();
    }, READ_AGAIN_MS);
  }

  showKnowledge() {
    const { register } = this;
    const { shift, reported, profile } = register;
    fill(
      this.knows,
      facts([
        [text("knows.standing"), register.reason ? `${text(`standing.${register.standing}`)}: ${register.reason}` : text(`standing.${register.standing}`)],
        [text("knows.session"), text(register.connected ? "knows.connected" : "knows.not_connected")],
        [text("knows.owner"), profile ? `${profile.taxpayer.name}, ${profile.place}` : text("unknown")],
        [text("knows.rnm"), profile?.rnm ?? text("unknown")],
        [text("knows.last"), register.last_number ? `${register.last_number}, ${moment(register.last_issued_at)}` : text("none")],
        [text("knows.shift"), shift.open ? text("shift.open", { n: shift.number, at: moment(shift.opened_at) }) : text("shift.closed", { n: shift.number })],
      ]),
    );
    fill(
      this.said,
      reported
        ? facts([
            [text("said.at"), moment(reported.at)],
            [text("said.mode"), text(`mode.${reported.mode}`)],
            [text("said.since"), reported.since ? moment(reported.since) : null],
            [text("said.unsent"), figure(reported.unsent)],
            [text("said.oldest"), reported.oldest_unsent_at ? moment(reported.oldest_unsent_at) : "–"],
            [text("word.head"), reported.head ? text("said.head_is", { number: reported.head }) : text("none")],
            [text("word.error"), said(reported.last_error_code, reported.last_error)],
            [text("said.stuck"), said(reported.stuck_code, reported.stuck)],
          ])
        : el("p", {}, text("said.unknown")),
    );
    this.showReasons();
    const rows = Object.entries(register.counters);
    fill(this.counters, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, el("code", {}, name)), el("td", { class: "number" }, figure(value)))));
  }

  /** Why it stands: what the operator knows, and what the register itself says, if anybody can hear it. */
  showReasons() {
    const reasons = this.register.stuck.map((each) => this.reasonOf(each));
    const { head = null, attempts = 0, last_error: error, last_error_code: code, blocks = [] } = this.status ?? {};
    if (head !== null) reasons.push([text("stuck.waits", { number: head, attempts: figure(attempts) }), ...errorIn(code, error)]);
    for (const block of blocks) reasons.push([`${text("stuck.reported")}: `, ...said(block.code, block.text)]);
    const lines = reasons.length ? el("ul", {}, reasons.map((reason) => el("li", {}, reason))) : el("p", {}, text("stuck.none"));
    if (this.stuck.textContent !== lines.textContent) fill(this.stuck, lines);
  }

  /** Pieces of one reason of the operator's: by its code in the reader's words, with the facts that belong to it. */
  reasonOf({ code, text: words }) {
    if (!has(`stuck.${code}`)) return [quoted(words)];
    const { reason, reported, shift } = this.register;
    const facts = {
      blocked: () => [reason],
      shift_expired: () => [moment(shift.opened_at)],
      reported: () => (reported?.stuck ? said(reported.stuck_code, reported.stuck) : [text("mode.blocked")]),
      unsent: () => {
        const waits = text("stuck.count", { n: figure(reported.unsent), at: moment(reported.oldest_unsent_at) });
        return [waits, ...errorIn(reported.last_error_code, reported.last_error)];
      },
    }[code]?.();
    const known = facts?.filter((piece) => piece !== "");
    return known?.length ? [`${text(`stuck.${code}`)}: `, ...known] : [text(`stuck.${code}`)];
  }

  hold(document, isNews) {
    const known = this.held.get(document.number);
    this.held.set(document.number, document);
    if (known && !isNews && known.autonomous === document.autonomous) return;
    this.show(document.number, isNews);
    if (isNews) this.readSoon();
  }

  // ----------------------------------------------------------------------------------------------- the register's word

  async beginLive() {
    if (!(await isLive(this.id))) return; // a register of another process: nobody can hear it
    await this.hearAll();
    this.till = new TillControls(this.id, () => {});
    fill(this.tillPlace, this.till.element);
    this.ends.push(
      follow(`/live/events?register=${part(this.id)}`, {
        document: (news) => this.hear(news, true),
        status: (news) => this.showWord(news),
        said: (news) => this.tell(news),
        open: () => this.hearAll(),
        gap: () => this.hearAll(),
      }),
    );
  }

  async hearAll() {
    const live = await get(`/live${this.path}`).catch(() => null);
    if (!live || this.ended) return;
    for (const document of live.documents) this.hear(document, false);
    this.showWord(live.status);
  }

  hear(document, isNews) {
    this.own.set(document.number, document);
    this.show(document.number, isNews);
    if (isNews && this.next !== undefined) this.showCount();
    // The register may hear of its sign a moment before we hear of the ledger; whoever is ahead for longer is asked.
    if (document.ticks === 2 && !this.held.has(document.number)) setTimeout(() => this.ask(document.number), CLAIM_MS);
  }

  /** Whether the ledger really holds a document that its register calls delivered. */
  async ask(number) {
    if (this.ended || this.held.has(number)) return;
    const held = await heldDocument(this.id, number).catch(() => undefined);
    if (held === undefined || this.ended) return;
    if (held) this.held.set(number, held);
    else this.accuse(number, "marks.not_held");
    this.show(number, false);
  }

  accuse(number, wrong) {
    const name = `wrong-${number}`;
    if (document.getElementById(name)) return;
    this.wrong.append(el("p", { class: "wrong", id: name }, text(wrong, { number })));
  }

  /** What the cashier is told now, to those who do not see the page and to those who do. */
  tell(news) {
    told.set(this.id, news);
    say(el("p", {}, toldOf(news)).textContent);
    this.showTold();
  }

  showTold() {
    const place = document.getElementById("cashier-told");
    const news = told.get(this.id);
    if (place) fill(place, news ? [`${moment(news.at)}: `, ...toldOf(news)] : "–");
  }

  showWord(status) {
    this.status = status;
    this.heardAt = Date.now();
    this.word.hidden = false;
    this.showReasons();
    const head = status.head === null ? text("none") : text("word.head_is", { number: status.head, attempts: figure(status.attempts) });
    const next = status.next_attempt_s === null ? "–" : duration(status.next_attempt_s * 1_000);
    fill(
      this.word,
      el("h2", { id: "word-title" }, text("word.title")),
      facts([
        [text("said.mode"), el("strong", { id: "mode" }, text(`mode.${status.mode}`))],
        [text("said.since"), moment(status.since)],
        [text("said.unsent"), el("span", { id: "unsent" }, figure(status.unsent))],
        [text("said.oldest"), status.oldest_unsent_at ? moment(status.oldest_unsent_at) : "–"],
        [text("word.head"), head],
        // Where nothing waits, nothing has failed that still matters.
        [text("word.error"), status.head === null ? "–" : said(status.last_error_code, status.last_error)],
        [text("word.next"), el("span", { id: "next-attempt" }, next)],
        [text("word.blocks"), status.blocks.length ? status.blocks.flatMap((block, index) => [index ? "; " : "", ...said(block.code, block.text)]) : text("none")],
        [text("word.told"), el("span", { id: "cashier-told" })],
        [text("word.cash"), money(status.cash)],
        [text("knows.shift"), status.shift_opened_at ? text("shift.open", { n: status.shift, at: moment(status.shift_opened_at) }) : text("shift.closed", { n: status.shift })],
      ]),
    );
    this.showTold();
  }

  age() {
    const place = document.getElementById("next-attempt");
    if (!place || !this.status || this.status.next_attempt_s === null) return;
    const left = this.status.next_attempt_s * 1_000 - (Date.now() - this.heardAt);
    write(place, left > 0 ? duration(left) : text("word.now"));
  }

  // ------------------------------------------------------------------------------------------------------ the documents

  show(number, isNews) {
    const held = this.held.get(number);
    const own = this.own.get(number);
    const judged = judge(held, own);
    if (judged.wrong === "marks.signs_differ") this.accuse(number, judged.wrong);
    const before = this.shown.get(number);
    const is = `${judged.ticks}${judged.cloud}`;
    const moved = isNews && before !== undefined && before !== is;
    this.shown.set(number, is);
    const line = this.lineOf(number);
    const document = held ?? own;
    const kind = document.operation ? text(`operation.${document.operation}`) : text(`kind.${document.kind}`);
    const delay = held ? held.received_at - held.issued_at : null;
    const ownSign = held?.autonomous_sign ?? own?.autonomous_sign ?? null;
    const cells = [
      el("td", {}, el("a", { href: `#/receipt/${part(this.id)}/${number}` }, String(number))),
      el("td", {}, kind),
      el("td", { class: "number" }, money(document.total)),
      el("td", {}, marksOf(judged, moved)),
      el("td", {}, held?.sign ?? own?.sign ?? "–"),
      el("td", { class: "optional" }, ownSign === null ? "–" : String(ownSign)),
      el("td", { class: "optional" }, moment(document.issued_at)),
      el("td", {}, delay === null ? text("not_yet") : duration(Math.max(0, delay))),
    ];
    const focused = line.contains(window.document.activeElement);
    fill(line, cells);
    if (focused) line.querySelector("a").focus();
    if (moved || (isNews && before === undefined)) {
      const meaning = `${text(`marks.${judged.ticks}`)}${judged.cloud ? `; ${text("marks.cloud")}` : ""}`;
      say(text("document.moved", { number, marks: meaning }));
    }
  }

  lineOf(number) {
    const known = this.lines.get(number);
    if (known) return known;
    // Nearly all come on top, or, when older ones are read, below.
    const { rows } = this.body;
    let place = rows.length;
    if (place > 0 && Number(rows[place - 1].dataset.number) < number) {
      place = 0;
      while (Number(rows[place].dataset.number) > number) place += 1;
    }
    const made = this.body.insertRow(place);
    made.dataset.number = number;
    this.lines.set(number, made);
    return made;
  }
}

/** Pieces that tell why the last attempt did not succeed; none where none has failed. */
function errorIn(code, words) {
  return words ? [`; ${text("stuck.error")}: `, ...said(code, words)] : [];
}

/** Pieces of what the cashier is told: whether a person has to decide, what has happened, and whom to call. */
function toldOf({ code, text: words, detail, person_needed: person, operator, phone }) {
  const call = phone ? [`. ${text("says.call", { operator, phone })}`] : [];
  return [person ? `${text("says.person")}: ` : "", ...said(code, words, {}, detail), ...call];
}

function stopper(timer) {
  return () => clearInterval(timer);
}
