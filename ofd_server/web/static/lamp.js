// One lamp as a word with its shape: the shapes are those of the board.

import { el } from "./dom.js";
import { text } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  online: "M12 3.4a8.6 8.6 0 1 0 0 17.2a8.6 8.6 0 1 0 0-17.2Z",
  autonomous: "M12 3 21.6 20.2H2.4Z",
  sending: "M3.4 3.8 21 12 3.4 20.2 8.6 12Z",
  blocked: "M5 5 19 19M19 5 5 19",
  silent: "M12 4.4a7.6 7.6 0 1 0 0 15.2a7.6 7.6 0 1 0 0-15.2Z",
};

/** The name of a lamp with its shape; the shape is for eyes, the name for everybody. */
export function lampOf(lamp) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[lamp] ?? "");
  drawn.append(path);
  return el("span", { class: `lamp ${lamp}` }, drawn, text(`lamp.${lamp}`));
}
