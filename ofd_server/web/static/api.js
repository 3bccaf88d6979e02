// Talking to the server. The rule: what the server says is believed, what it does not say is unknown; an error has a code
// and a text, and is shown; a stream that ends comes back by itself.

import { write } from "./dom.js";
import { said, saidPlainly } from "./said.js";
import { has, text } from "./words.js";

const API = "/api/v1";
let token = sessionStorage.getItem("mock-ofd.token");

export class ApiError extends Error {
  constructor(status, code, words, pieces = [words]) {
    super(words);
    this.status = status;
    this.code = code;
    this.pieces = pieces; // the same text, for where a quotation in it may be marked as one
  }
}

/** What stands under an address; ApiError otherwise. */
export async function get(path) {
  return (await ask("GET", path)).json();
}

/** A text of the server's. */
export async function getText(path) {
  return (await ask("GET", path)).text();
}

/** Have something done; asks for the API token when the server wants one. */
export async function send(method, path, body) {
  try {
    return await (await ask(method, path, body)).json();
  } catch (error) {
    if (error.status !== 401 || !(await askForToken())) throw error;
    return (await ask(method, path, body)).json();
  }
}

async function ask(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(API + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, "unreachable", text("error.unreachable"));
  }
  if (answer.ok) return answer;
  let told = {};
  try {
    told = (await answer.json()).error ?? {};
  } catch {
    // No JSON: the status says enough.
  }
  if (told.code === "register_refused") {
    throw new ApiError(answer.status, told.code, saidPlainly(told.reason, told.text, told.facts), said(told.reason, told.text, told.facts));
  }
  throw new ApiError(answer.status, told.code ?? "", wordsOf(told) ?? String(answer.status));
}

/** An error in the reader's words where its code says all, else as it was told. */
function wordsOf({ code, text: words }) {
  return has(`error.${code}`) ? text(`error.${code}`) : words;
}

async function askForToken() {
  const dialog = document.getElementById("token");
  const field = document.getElementById("token-value");
  field.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "ok" || !field.value) return false;
  token = field.value;
  sessionStorage.setItem("mock-ofd.token", token);
  return true;
}

const streams = new Set();

/**
 * A stream of server-sent events; returns how to end it. `on` has a listener for each name of an event; `on.gap` is told
 * when events were lost, and `on.open` whenever the stream begins or comes back. A page that nobody sees lets go of its
 * streams, because a browser opens six connections to a server and no more, for all its pages together.
 */
export function follow(path, on) {
  const state = { open: false };
  let source = null;
  let retry = 0;
  streams.add(state);

  function open() {
    source = new EventSource(API + path);
    source.onopen = () => {
      state.open = true;
      showConnection();
      on.open?.();
    };
    source.onerror = () => {
      state.open = false;
      showConnection();
      // A browser gives up after an answer that is no stream, such as 503.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(reopen, 3_000);
    };
    for (const [name, listener] of Object.entries(on)) {
      if (name !== "open") source.addEventListener(name, (event) => listener(event.data ? JSON.parse(event.data) : null));
    }
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
    state.open = false;
  }

  function reopen() {
    close();
    open();
  }

  const look = () => (document.hidden ? close() : source || open());
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    close();
    streams.delete(state);
    showConnection();
  };
}

export function showConnection() {
  const states = [...streams];
  const key = states.length === 0 ? "" : states.every((state) => state.open) ? "connection.ok" : "connection.lost";
  const place = document.getElementById("connection");
  write(place, key ? text(key) : "");
}

let described;

/** How the registers in the server's own process are: not every server has such addresses, and says so itself. */
export async function liveRegisters() {
  described ??= get("/openapi.json");
  if (!("/api/v1/live/registers" in (await described).paths)) return [];
  return (await get("/live/registers")).items;
}

export async function isLive(id) {
  return (await liveRegisters()).some((each) => each.register === id);
}

/** A document as the ledger holds it, in short; null when it does not. */
export async function heldDocument(id, number) {
  const found = await get(`/documents?register=${part(id)}&number=${number}&limit=1`);
  return found.items[0] ?? null;
}

/** A part of an address. */
export function part(value) {
  return encodeURIComponent(value);
}
