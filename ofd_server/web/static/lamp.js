// One lamp as a word: its letter, its shape and its name.

import { el } from "./dom.js";
import { text } from "./words.js";

/** The name of a lamp with its letter; the letter is for eyes, the name for everybody. */
export function lampOf(lamp) {
  return el("span", { class: `lamp ${lamp}`, "data-letter": text(`letter.${lamp}`) }, text(`lamp.${lamp}`));
}
