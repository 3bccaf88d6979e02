// What a person does to a register: its link, its payment, and, where its till is in the server's process, its keys.

import { ApiError, part, send } from "./api.js";
import { el, fill, say, write } from "./dom.js";
import { duration, text } from "./words.js";

/** Buttons for the link of a register; `changed` is called when the server has done it. */
export class LinkControls {
  constructor(id, changed) {
    this.path = `/registers/${part(id)}`;
    this.changed = changed;
    this.state = el("p", { id: "link-state", role: "status" });
    this.problem = el("p", { class: "wrong", role: "alert", hidden: true });
    const button = (name, act) => {
      const made = el("button", { type: "button", id: `link-${name}`, "aria-pressed": "false" }, text(`link.${name}`));
      made.addEventListener("click", () => this.act(made, act));
      return made;
    };
    this.buttons = {
      up: button("up", () => this.put({ state: "up" })),
      cut: button("cut", () => this.put({ state: "cut" })),
      slow: button("slow", () => this.put({ state: "slow" })),
      lose: button("lose", () => send("POST", `${this.path}/link/lose-answer`)),
      unpaid: button("unpaid", () => send("POST", `${this.path}/unpaid`)),
      paid: button("paid", () => send("POST", `${this.path}/paid`)),
    };
    this.element = el(
      "section",
      { class: "card controls", "aria-labelledby": "link-title" },
      el("h2", { id: "link-title" }, text("link.title")),
      this.state,
      this.problem,
      el("div", { class: "row" }, Object.values(this.buttons)),
    );
  }

  put(link) {
    return send("PUT", `${this.path}/link`, link);
  }

  async act(button, act) {
    await attempt(this.problem, button, act);
    await this.changed();
  }

  /** Show how the link is, as the server says. */
  show(link) {
    const pressed = { cut: link.state === "cut", slow: link.state === "slow", lose: link.lose_next_answer, unpaid: !link.paid };
    for (const [name, is] of Object.entries(pressed)) this.buttons[name].setAttribute("aria-pressed", String(is));
    const words = [text(`link.is_${link.state}`, { delay: duration(link.delay_ms ?? 0) })];
    if (link.lose_next_answer) words.push(text("link.is_losing"));
    if (!link.paid) words.push(text("link.is_unpaid"));
    write(this.state, words.join(" "));
  }
}

/** The keys of a till; `done` gets the paper that came out. */
export class TillControls {
  constructor(id, done) {
    this.problem = el("p", { class: "wrong", role: "alert", hidden: true });
    this.paper = el("pre", { class: "paper", id: "paper", tabindex: 0, "aria-label": text("till.paper"), hidden: true });
    this.waits = el("p", { role: "status", id: "till-state" });
    const button = (name) => {
      const made = el("button", { type: "button", id: `till-${name}`, class: name === "sell" ? "main" : null }, text(`till.${name}`));
      made.addEventListener("click", () => this.press(made, id, name, done));
      return made;
    };
    this.element = el(
      "section",
      { class: "card controls", "aria-labelledby": "till-title" },
      el("h2", { id: "till-title" }, text("till.title")),
      this.problem,
      el("div", { class: "row" }, ["sell", "return", "deposit", "withdraw", "x", "z"].map(button)),
      this.waits,
      this.paper,
    );
  }

  async press(button, id, name, done) {
    write(this.waits, text("till.waits"));
    const paper = await attempt(this.problem, button, () => send("POST", `/live/registers/${part(id)}/${name}`));
    write(this.waits, "");
    if (!paper) return;
    this.paper.hidden = false;
    write(this.paper, paper.text);
    say(paper.number === null ? text("till.report") : text("till.made", { number: paper.number }));
    done(paper);
  }
}

/** Do something with a button out of reach meanwhile; what goes wrong is shown. */
async function attempt(problem, button, act) {
  const focused = document.activeElement === button;
  button.disabled = true;
  try {
    const done = await act();
    problem.hidden = true;
    fill(problem);
    return done;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem.hidden = false;
    fill(problem, error.pieces);
    return null;
  } finally {
    button.disabled = false;
    if (focused) button.focus();
  }
}
