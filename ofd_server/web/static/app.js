// The page put together: which view is shown, in which language, in which colours.

import { showConnection } from "./api.js";
import { el, fill } from "./dom.js";
import { showFleet } from "./fleet.js";
import { showReceipt } from "./receipt.js";
import { showRegister } from "./register.js";
import { keep, kept, preferred, speak, speaking, text } from "./words.js";

const main = document.getElementById("main");
let leave = () => {};
let shown = 0;

/** The view that an address names: `#/`, `#/register/ID`, `#/receipt/ID/NUMBER`. */
function view() {
  const [, name, ...rest] = location.hash.split("/").map((word) => decodeURIComponent(word));
  if (name === "register" && rest.length === 1) return (place) => showRegister(place, rest[0]);
  if (name === "receipt" && rest.length === 2) return (place) => showReceipt(place, rest[0], Number(rest[1]));
  return showFleet;
}

async function show(focus) {
  const turn = ++shown;
  leave();
  leave = () => {};
  const place = el("div");
  fill(main, place);
  const end = await view()(place);
  if (turn !== shown) {
    end?.();
    return;
  }
  leave = end ?? leave;
  document.title = [main.querySelector("h1")?.textContent, "mock-ofd"].filter(Boolean).join(" – ");
  if (!focus) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

function translate() {
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = text(place.dataset.text);
  showConnection();
}

function paint(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event("recolour"));
}

const languages = document.getElementById("language");
languages.addEventListener("change", async () => {
  await speak(languages.value);
  keep("language", languages.value);
  translate();
  await show(false);
});

const themes = document.getElementById("theme");
themes.addEventListener("change", () => {
  keep("theme", themes.value);
  paint(themes.value);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("recolour")));

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", () => show(true));

await speak(preferred());
languages.value = speaking();
themes.value = kept("theme") ?? "auto";
paint(themes.value);
translate();
await show(false);
document.documentElement.dataset.ready = "";
