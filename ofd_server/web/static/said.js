// What a register says of itself, in the reader's language. The rule: what has a code that the page knows is said in the
// page's words; what has none is shown as it was told, as a quotation and in its own language, because nobody translated it.

import { el } from "./dom.js";
import { figure, has, moment, money, text } from "./words.js";

/** Codes whose case is not all: the register's own words tell which value, which rule, or whose decision it was. */
const BESIDE =
  /^(refused:|noticed:|blocked:(by_operator|refused_document)$|(connect_failed|operator_error|protocol_broken|unexpected_answer|cannot_be_sent|invalid_value|not_delivered|configuration|memory_failed|failed)$)/;

const WRITTEN = { needed: money, available: money, opened_at: moment };

/** Pieces of a text: what the register said, by its code if it has one that is known. `detail` is what is told beside it. */
export function said(code, words, figures = {}, detail = words) {
  const key = `says.${code}`;
  if (!code || !has(key)) return words ? [quoted(words)] : ["–"];
  const shown = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, (WRITTEN[name] ?? figure)(value)]));
  const meaning = text(`says.${code}`, shown);
  const details = BESIDE.test(code) ? detailsIn(detail ?? "", code) : "";
  return details ? [`${meaning}: `, quoted(details)] : [meaning];
}

/** The same as one text. */
export function saidPlainly(code, words, figures = {}) {
  return el("p", {}, said(code, words, figures)).textContent;
}

/** The register's own words: nobody has translated them. */
export function quoted(words) {
  return el("q", { lang: /[а-яё]/i.test(words) ? "ru" : "en" }, words);
}

/** What is told behind the code, where the words begin with it. */
function detailsIn(words, code) {
  const name = `${code.split(":").at(-1)}: `;
  const at = words.indexOf(name);
  return at < 0 ? words : words.slice(at + name.length);
}
