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
  const shown = "✔".repeat(ticks) || "✕";
  const kind = ticks === 2 ? "two" : ticks === 1 ? "one" : "none";
  return el(
    "span",
    { class: fresh ? "ticks fresh" : "ticks", "data-ticks": ticks, "data-cloud": cloud ? "yes" : "no", title: meaning },
    el("span", { class: kind, "aria-hidden": "true" }, shown),
    cloud ? crossedCloud() : null,
    el("span", { class: "unseen" }, meaning),
  );
}

const SVG = "http://www.w3.org/2000/svg";
const CLOUD = "M6 17a4 4 0 0 1-.4-8 6 6 0 0 1 11.3-1.3A4.7 4.7 0 0 1 17.5 17Z";

/** ☁̸, drawn, because few fonts have it in one piece. */
function crossedCloud() {
  const made = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", class: "cloud", "aria-hidden": "true" })) made.setAttribute(name, value);
  for (const line of [CLOUD, "M4 21 20 3"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    made.append(path);
  }
  return made;
}
