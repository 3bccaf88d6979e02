// Making pieces of a page. The rule: text is text; nothing that comes from a server is ever read as markup, but for the one
// form of a receipt that our own server has made and escaped (receipt.js).

/** An element with attributes, listeners (`onclick: f`) and children: elements, texts, or nothing. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** Put these children in the place of all others. */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

/** Set a text, unless it is there already: a screen reader is not told twice. */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** A list of facts; `null` for a fact leaves it out. */
export function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined);
  return el("dl", { class: "facts" }, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]).flat());
}

const SAID_MAX = 5;

/** Say something to those who do not see the page. What was said a moment ago stays, so that nothing is cut short. */
export function say(text) {
  const place = document.getElementById("said");
  place.append(el("p", {}, text));
  while (place.childElementCount > SAID_MAX) place.firstElementChild.remove();
}
