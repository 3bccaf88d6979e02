// One document: as it is printed, as an electronic form with its QR code, its marks, its history, and whether it is genuine.

import { get, getText, heldDocument, isLive, part } from "./api.js";
import { el, facts, fill } from "./dom.js";
import { judge, marksOf } from "./marks.js";
import { duration, has, moment, money, text } from "./words.js";

const AGAIN_MS = 2_000; // lines of a history are written with a later commit

export async function showReceipt(place, id, number) {
  const view = new ReceiptView(place, id, number);
  await view.read();
  const reading = setInterval(() => document.hidden || view.read(), AGAIN_MS);
  return () => {
    view.ended = true;
    clearInterval(reading);
  };
}

class ReceiptView {
  constructor(place, id, number) {
    Object.assign(this, { place, id, number, path: `/registers/${part(id)}/documents/${number}`, shown: "" });
  }

  /** Read it, and show it if anything about it is new. */
  async read() {
    const [held, own] = await Promise.all([
      heldDocument(this.id, this.number).then((short) => short && get(this.path)),
      ownDocument(this.id, this.path),
    ]).catch(() => [undefined]);
    const is = JSON.stringify([held, own]);
    if (this.ended || held === undefined || is === this.shown) return;
    this.shown = is;
    await this.show(held, own);
  }

  async show(held, own) {
    const { id, number, path, place } = this;
    const back = el("p", { class: "row" }, el("a", { href: `#/register/${part(id)}` }, `← ${text("register.title", { id })}`));
    const title = el("h1", {}, text("receipt.title", { number }));
    if (!held && !own) {
      fill(place, back, title, el("p", { class: "wrong" }, text("receipt.nowhere")));
      return;
    }
    const judged = judge(held, own);
    const wrong = judged.wrong && el("p", { class: "wrong", role: "alert" }, text(judged.wrong, { number }));
    const [paper, electronic] = await form(path, held, own);
    if (this.ended) return;
    const columns = [el("div", {}, summary(held, held ?? own, judged), electronic), el("div", {}, paper, held && history(held, own))];
    fill(place, back, title, wrong, el("div", { class: "columns wide" }, columns));
  }
}

function summary(held, document, judged) {
  const banner = judged.cloud ? el("p", {}, el("strong", { class: "word" }, "АВТОНОМНЫЙ")) : null;
  const verdict = el("dd", { id: "verdict" }, "…");
  if (held?.qr) verify(held, verdict);
  const delay = held ? duration(Math.max(0, held.received_at - held.issued_at)) : text("not_yet");
  const place = el(
    "section",
    { class: "card" },
    el("h2", {}, text("receipt.facts")),
    banner,
    facts([
      [text("document.marks"), marksOf(judged)],
      [text("document.kind"), document.operation ? text(`operation.${document.operation}`) : text(`kind.${document.kind}`)],
      [text("document.total"), money(document.total)],
      [text("document.sign"), held?.sign ?? document.sign ?? "–"],
      [text("document.own_sign"), document.autonomous_sign === null ? "–" : String(document.autonomous_sign)],
      [text("document.issued"), moment(document.issued_at)],
      [text("document.delivery"), delay],
      [text("receipt.protocol"), held?.protocol ?? text("unknown")],
    ]),
  );
  if (held?.qr) place.querySelector("dl").append(el("dt", {}, text("receipt.verdict")), verdict);
  return place;
}

/** Ask as anybody would who has read the code on the paper. */
async function verify(held, verdict) {
  try {
    const told = await get(`/verify?qr=${part(held.qr)}`);
    const words = [text(`verdict.${told.verdict}`), ...told.reasons.map(reasonOf)];
    fill(verdict, el("a", { href: new URL(held.qr).pathname + new URL(held.qr).search }, words.join(": ")));
  } catch (error) {
    fill(verdict, error.message);
  }
}

function reasonOf({ code, text: words, claimed, recorded }) {
  return has(`reason.${code}`) ? text(`reason.${code}`, { claimed, recorded }) : words;
}

async function form(path, held, own) {
  const paper = el("pre", { class: "paper", id: "paper", tabindex: 0, "aria-label": text("receipt.paper") });
  const electronic = el("div", { id: "form" });
  if (held) {
    const [plain, page] = await Promise.all([getText(`${path}/receipt?format=text`), getText(`${path}/receipt?format=html`)]);
    fill(paper, plain);
    fill(electronic, formIn(page));
  } else {
    fill(paper, own.text);
    fill(electronic, text("receipt.not_held"));
  }
  const section = (name, ...children) => el("section", { class: "card" }, el("h2", {}, text(`receipt.${name}`)), children);
  return [section("paper", paper, held ? files(path) : null), section("form", electronic)];
}

/** The paper as files to keep; pictures and PDF need libraries that the operator may not have, and then it says so. */
function files(path) {
  const link = (kind) => [" ", el("a", { href: `/api/v1${path}/receipt?format=${kind}`, target: "_blank", rel: "noopener" }, kind.toUpperCase())];
  return el("p", { id: "files" }, text("receipt.keep"), ["pdf", "png", "html", "text"].flatMap(link));
}

/** The form in a page that our server has made: its elements without scripts, styles or links to elsewhere. */
function formIn(page) {
  // Its style sheet is ours already, and a page that forbids inline styles complains about it even when it is only read.
  const made = new DOMParser().parseFromString(page.replace(/<style[^]*?<\/style>/g, ""), "text/html");
  const slip = made.querySelector(".slip") ?? made.body;
  for (const each of slip.querySelectorAll("script, style, link, iframe, object, embed, form")) each.remove();
  for (const each of slip.querySelectorAll("*")) {
    for (const { name } of [...each.attributes]) if (name === "style" || name.startsWith("on")) each.removeAttribute(name);
  }
  // Its heading is one among those of this page.
  for (const each of slip.querySelectorAll("h1")) each.setAttribute("aria-level", "3");
  return document.adoptNode(slip);
}

/** The life of the document: the register's part, as far as the document says it, then the operator's. */
function history(held, own) {
  const lines = [{ what: "issued", at: held.issued_at, text: "" }, ...held.history];
  if (own?.answered_at) lines.push({ what: "register_has_answer", at: own.answered_at, text: "" });
  // In one millisecond there is room for many lines, and two clocks may differ by one: then they stand as they are here.
  lines.sort((one, other) => (Math.abs(one.at - other.at) > 1 ? one.at - other.at : 0));
  const line = (each) =>
    el("li", {}, `${moment(each.at)} – ${has(`history.${each.what}`) ? text(`history.${each.what}`) : each.what}`, detailOf(each, held));
  return el("section", { class: "card" }, el("h2", {}, text("receipt.history")), el("ol", { class: "history", id: "history" }, lines.map(line)));
}

/** What is told beside a line; a code that is known in the reader's words. */
function detailOf({ what, text: words }, { autonomous, late_ms: late }) {
  if (what === "received") return autonomous && late !== null ? ` (${text("history.was_late", { n: duration(late) })})` : null;
  if (!words) return null;
  if (what === "made_autonomous") return ` (${text("document.own_sign")}: ${words.match(/\d+/)?.[0] ?? words})`;
  if (what !== "anomaly") return ` (${words})`;
  const [code] = words.split(":", 1);
  return has(`anomaly.${code}`) ? ` (${text(`anomaly.${code}`)}; ${words})` : ` (${words})`;
}

/** The document as its register tells it, where the register lives in the server's process and has it. */
async function ownDocument(id, path) {
  if (!(await isLive(id))) return null;
  return get(`/live${path}`).catch(() => null);
}
