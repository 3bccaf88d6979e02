// The marks of a document, and the rule of the whole page: ✔✔ is shown only for what the operator's ledger holds.
//
// `held` is the document as the ledger tells it, `own` as the register tells it (only registers of the operator's own
// process do); either may be missing. Whoever contradicts the rule is shown as an error, never as ✔✔.

import { el } from "./dom.js";
import { text } from "./words.js";

/** What may be shown: how many ticks, whether the cloud, and what is wrong, if something is. */
export function judge(held, own) {
  const given = own?.ticks === 0;
  const cloud = Boolean(held?.autonomous || own?.cloud);
  if (held) {
    const differs = own?.sign && held.sign && own.sign !== held.sign;
    return { ticks: given ? 0 : 2, cloud, wrong: differs ? "marks.signs_differ" : null };
  }
  const claims = own?.ticks === 2;
  return { ticks: given ? 0 : 1, cloud, wrong: claims ? "marks.not_held" : null };
}

/** The marks as an element; their meaning is their text for whoever does not see them. */
export function marksOf(judged, fresh = false) {
  const { ticks, cloud } = judged;
  const meaning = `${text(`marks.${ticks}`)}${cloud ? `; ${text("marks.cloud")}` : ""}`;
  const shown = "✔".repeat(ticks) + (cloud ? "☁̸" : "") || "✕";
  const kind = ticks === 2 ? "two" : ticks === 1 ? "one" : "none";
  return el(
    "span",
    { class: fresh ? "ticks fresh" : "ticks", "data-ticks": ticks, "data-cloud": cloud, title: meaning },
    el("span", { class: kind, "aria-hidden": "true" }, shown),
    el("span", { class: "unseen" }, meaning),
  );
}
