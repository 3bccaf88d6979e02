// The fleet: figures, chart, a board of lamps, and its twin, a table for the keyboard and for those who do not see lamps.
//
// The rule: the whole is read once, then followed by what changes; on a gap everything is read anew, by itself. However
// many changes come, the page is touched once for each frame of the screen, and its table twice a second.

import { follow, get, liveRegisters, part } from "./api.js";
import { Chart } from "./chart.js";
import { el, fill, write } from "./dom.js";
import { lampOf } from "./lamp.js";
import { LAMPS, LampBoard } from "./lamps.js";
import { duration, figure, moment, text } from "./words.js";

const PAGE = 50;
const TABLE_MS = 500;
const FIGURES = ["registers", "documents", "waiting", "oldest", "answers", "late"];

export async function showFleet(place) {
  const view = new FleetView(place);
  await view.load();
  return () => view.end();
}

class FleetView {
  constructor(place) {
    this.rows = [];
    this.indexes = new Map();
    this.lamps = {};
    this.words = new Map(); // of registers in the server's process, by id: they are heard although their link is cut
    this.page = 0;
    this.wanted = { lamp: "", id: "" };
    this.build(place);
    this.board = new LampBoard(this.canvas, this.rows);
    this.chart = new Chart(this.chartCanvas);
    this.ticking = setInterval(() => this.tick(), TABLE_MS);
  }

  build(place) {
    this.figures = Object.fromEntries(FIGURES.map((name) => [name, el("dd", { id: `figure-${name}` }, "–")]));
    this.canvas = el("canvas", { id: "lamps", role: "img", "aria-describedby": "registers-title" });
    this.tip = el("div", { id: "tip", hidden: true });
    this.chartCanvas = el("canvas", { id: "chart", role: "img" });
    this.legend = el("ul", { class: "legend" });
    this.body = el("tbody");
    this.problem = el("p", { class: "wrong", role: "alert", hidden: true });
    this.empty = el("p", { class: "soft", hidden: true }, text("fleet.empty"));
    this.counted = el("span", { role: "status" });
    this.before = el("button", { type: "button", onclick: () => this.turn(-1) }, text("page.before"));
    this.after = el("button", { type: "button", onclick: () => this.turn(1) }, text("page.after"));
    const choose = (name) => (event) => this.choose(name, event.target.value);
    const lamps = LAMPS.map((lamp) => el("option", { value: lamp }, text(`lamp.${lamp}`)));
    fill(
      place,
      el("h1", {}, text("fleet.title")),
      this.problem,
      el("dl", { class: "figures" }, FIGURES.map((name) => el("div", {}, el("dt", {}, text(`figure.${name}`)), this.figures[name]))),
      el("section", { class: "card" }, el("h2", {}, text("chart.title")), el("div", {}, this.chartCanvas)),
      el(
        "section",
        { class: "card" },
        el("h2", {}, text("lamps.title")),
        this.empty,
        el("div", { class: "place" }, this.canvas, this.tip),
        this.legend,
      ),
      el(
        "section",
        { class: "card" },
        el("h2", { id: "registers-title" }, text("registers.title")),
        el(
          "div",
          { class: "row" },
          el("label", {}, `${text("registers.find")} `, el("input", { id: "find", type: "search", oninput: choose("id") })),
          el(
            "label",
            {},
            `${text("registers.lamp")} `,
            el("select", { id: "filter", onchange: choose("lamp") }, el("option", { value: "" }, text("registers.all")), lamps),
          ),
        ),
        el(
          "div",
          { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "registers-title" },
          el("table", { id: "registers" }, head(), this.body),
        ),
        el("div", { class: "row" }, this.before, this.after, this.counted),
      ),
    );
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.canvas.addEventListener("click", (event) => {
      const row = this.rows[this.board.at(event)];
      if (row) location.hash = `#/register/${part(row.id)}`;
    });
  }

  end() {
    this.ended = true;
    this.stopFollowing?.();
    this.stopListening?.();
    clearTimeout(this.again);
    clearInterval(this.ticking);
    this.board.end();
    this.chart.end();
  }

  /** Read everything, then follow. */
  async load() {
    this.stopFollowing?.();
    try {
      const read = await readWhole();
      if (this.ended) return;
      this.problem.hidden = true;
      this.rows.length = 0;
      this.indexes.clear();
      for (const row of read.rows) this.put(row);
      this.chart.begin(read.history);
      this.show(read.figures);
      this.board.redraw();
      this.showTable();
      this.stopFollowing = follow(`/fleet/events?after=${part(read.cursor)}`, {
        fleet: (news) => this.take(news),
        gap: () => this.load(),
      });
      await this.listen();
    } catch (error) {
      this.problem.hidden = false;
      write(this.problem, text("error.fleet", { why: error.message }));
      this.again = setTimeout(() => this.ended || this.load(), 3_000);
    }
  }

  /** Hear registers of the server's own process, if it has any. */
  async listen() {
    this.stopListening?.();
    for (const status of await liveRegisters()) this.hear(status);
    if (this.words.size > 0 && !this.ended) this.stopListening = follow("/live/events", { status: (status) => this.hear(status) });
  }

  hear(status) {
    this.words.set(status.register, status);
    const index = this.indexes.get(status.register);
    if (index === undefined) return;
    const { place, id, told, documents, heardAt } = this.rows[index];
    this.put([place, id, told, documents, null, null, heardAt]);
    this.board.touch(index);
    this.stale = true;
    if (this.last) this.show(this.last);
  }

  put([place, id, told, documents, waiting, oldestAt, heardAt]) {
    const word = this.words.get(id);
    const row = { place, id, told, lamp: told, documents, waiting, oldestAt, heardAt };
    if (word && told !== "removed") Object.assign(row, { lamp: lampBy(word, told), waiting: word.unsent, oldestAt: word.oldest_unsent_at });
    const { lamp } = row;
    let index = this.indexes.get(id);
    if (index === undefined) {
      if (lamp === "removed") return -1;
      index = this.rows.length;
      this.indexes.set(id, index);
      this.rows.push(row);
      this.grown = true;
    } else {
      this.rows[index] = row;
    }
    return index;
  }

  take({ rows, figures }) {
    for (const row of rows) {
      const index = this.put(row);
      if (index >= 0) this.board.touch(index);
    }
    if (this.grown) this.board.redraw();
    this.grown = false;
    this.stale ||= rows.length > 0;
    this.chart.add(this.countedHere(figures));
    this.show(figures);
  }

  show(told) {
    this.last = told;
    const figures = this.countedHere(told);
    this.lamps = figures.lamps;
    const registers = Object.values(figures.lamps).reduce((sum, count) => sum + count, 0);
    write(this.figures.registers, figure(registers));
    write(this.figures.documents, figure(figures.documents));
    write(this.figures.waiting, figure(figures.waiting));
    write(this.figures.oldest, figures.oldest_at === null ? "–" : duration(Math.max(0, Date.now() - figures.oldest_at)));
    write(this.figures.answers, figure(this.chart.rate));
    write(this.figures.late, figure(figures.late));
    this.empty.hidden = registers > 0;
  }

  /** The figures with the own words of the registers that can be heard. */
  countedHere(told) {
    if (this.words.size === 0) return told;
    const lamps = Object.fromEntries(LAMPS.map((lamp) => [lamp, 0]));
    let waiting = 0;
    let oldest = null;
    for (const row of this.rows) {
      if (!(row.lamp in lamps)) continue;
      lamps[row.lamp] += 1;
      waiting += row.waiting ?? 0;
      if (row.oldestAt !== null && (oldest === null || row.oldestAt < oldest)) oldest = row.oldestAt;
    }
    return { ...told, lamps, waiting, oldest_at: oldest };
  }

  tick() {
    const counts = LAMPS.map((lamp) => `${text(`lamp.${lamp}`)}: ${figure(this.lamps[lamp] ?? 0)}`);
    const label = text("lamps.label", { counts: counts.join(", ") });
    if (this.canvas.getAttribute("aria-label") !== label) {
      this.canvas.setAttribute("aria-label", label);
      fill(this.legend, LAMPS.map((lamp) => el("li", {}, lampOf(lamp), `: ${figure(this.lamps[lamp] ?? 0)}`)));
    }
    if (this.stale) this.showTable();
    this.stale = false;
  }

  // ------------------------------------------------------------------------------------------------------- the table

  choose(name, value) {
    this.wanted[name] = value;
    this.page = 0;
    this.showTable();
  }

  turn(step) {
    this.page += step;
    this.showTable();
  }

  showTable() {
    const { lamp, id } = this.wanted;
    const found = this.rows.filter((row) => row.lamp !== "removed" && (!lamp || row.lamp === lamp) && row.id.includes(id));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    this.page = Math.min(this.page, pages - 1);
    const shown = found.slice(this.page * PAGE, (this.page + 1) * PAGE);
    // Rows stay the elements that they are, so that a link keeps its focus while its figures change.
    while (this.body.rows.length > shown.length) this.body.deleteRow(-1);
    shown.forEach((row, index) => showRow(this.body.rows[index] ?? this.body.insertRow(), row));
    write(this.counted, text("page.of", { page: this.page + 1, pages, count: figure(found.length) }));
    this.before.disabled = this.page === 0;
    this.after.disabled = this.page === pages - 1;
  }

  point(event) {
    const row = this.rows[this.board.at(event)];
    this.tip.hidden = !row || row.lamp === "removed";
    if (this.tip.hidden) return;
    fill(this.tip, `${row.id}: ${text(`lamp.${row.lamp}`)}`);
    const box = this.canvas.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - this.tip.offsetWidth);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 16}px`;
  }
}

function head() {
  const columns = ["register", "lamp", "documents", "waiting", "oldest", "heard"];
  const kind = { documents: "number", waiting: "number", oldest: "number optional", heard: "optional" };
  return el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col", class: kind[name] }, text(`column.${name}`)))));
}

function showRow(line, row) {
  if (line.cells.length === 0) {
    line.append(el("td", {}, el("a")), el("td"), ...["number", "number", "number optional", "optional"].map((kind) => el("td", { class: kind })));
  }
  const [name, lamp, documents, waiting, oldest, heard] = line.cells;
  const link = name.firstChild;
  write(link, row.id);
  const address = `#/register/${part(row.id)}`;
  if (link.getAttribute("href") !== address) link.setAttribute("href", address);
  if (lamp.dataset.lamp !== row.lamp) fill(lamp, lampOf(row.lamp));
  lamp.dataset.lamp = row.lamp;
  write(documents, figure(row.documents));
  write(waiting, row.waiting === null ? text("unknown") : figure(row.waiting));
  write(oldest, row.oldestAt === null ? "–" : moment(row.oldestAt));
  write(heard, moment(row.heardAt));
}

/** The lamp of a register that can be heard: its own word, but for what only the operator knows. */
function lampBy(word, told) {
  if (told === "blocked" || word.mode.startsWith("blocked")) return "blocked";
  if (word.mode === "autonomous") return word.connected ? "sending" : "autonomous";
  return "online";
}

/** All parts of a fleet; the cursor is that of the first, so that nothing in between is missed. */
async function readWhole() {
  const whole = await get("/fleet");
  let next = whole.next;
  while (next !== null) {
    const more = await get(`/fleet?after=${next}`);
    whole.rows.push(...more.rows);
    next = more.next;
  }
  return whole;
}
