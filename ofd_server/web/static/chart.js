// The last minutes: answers in each second as bars, documents that wait as a line. The rule: two scales, each named with
// its largest figure; whoever does not see the picture gets the same figures as words.

import { figure, text } from "./words.js";

const SECONDS = 300;
const HEIGHT = 140;

export class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.seconds = [];
    this.draw = this.draw.bind(this);
    this.watching = new ResizeObserver(this.draw);
    this.watching.observe(canvas.parentElement);
    addEventListener("recolour", this.draw);
  }

  end() {
    this.watching.disconnect();
    removeEventListener("recolour", this.draw);
  }

  /** All that is known: rows of at, answers and waiting. */
  begin(history) {
    this.seconds = history.map(([at, answers, , waiting]) => ({ at, answers, waiting }));
    this.draw();
  }

  /** The figures of one more second; those of the same second are put in its place. */
  add({ at, answers, waiting }) {
    const last = this.seconds.at(-1);
    if (last && last.at === at) return;
    this.seconds.push({ at, answers, waiting });
    this.seconds.splice(0, Math.max(0, this.seconds.length - SECONDS));
    this.draw();
  }

  /** Answers in the last second. */
  get rate() {
    const [before, last] = this.seconds.slice(-2);
    return last ? perSecond(before, last) : 0;
  }

  draw() {
    const width = this.canvas.parentElement.clientWidth || 300;
    const scale = devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = HEIGHT * scale;
    this.canvas.style.height = `${HEIGHT}px`;
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const colours = getComputedStyle(document.documentElement);
    const colour = (name) => colours.getPropertyValue(name).trim();
    const rates = this.seconds.map((second, index) => perSecond(this.seconds[index - 1], second));
    const most = Math.max(1, ...rates);
    const mostWaiting = Math.max(1, ...this.seconds.map((second) => second.waiting));
    const step = width / SECONDS;
    const x = (index) => width - (this.seconds.length - index) * step;
    const room = HEIGHT - 22;
    context.fillStyle = colour("--online");
    for (const [index, rate] of rates.entries()) {
      const height = (rate / most) * room;
      context.fillRect(x(index), HEIGHT - height, Math.max(1, step - 0.5), height);
    }
    context.strokeStyle = colour("--autonomous");
    context.lineWidth = 2.5;
    context.beginPath();
    for (const [index, second] of this.seconds.entries()) {
      context.lineTo(x(index) + step / 2, HEIGHT - 1 - (second.waiting / mostWaiting) * (room - 2));
    }
    context.stroke();
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = colour("--ink");
    const one = `▮ ${text("figure.answers")} ≤ ${figure(most)}`;
    const other = `╱ ${text("figure.waiting")} ≤ ${figure(mostWaiting)}`;
    const [oneWide, otherWide] = [one, other].map((label) => context.measureText(label).width);
    const beside = oneWide + otherWide + 24 <= width;
    context.fillText(one, 4, 14);
    context.fillText(other, beside ? width - otherWide - 4 : 4, beside ? 14 : 30);
    const now = this.seconds.at(-1);
    const label = text("chart.label", { answers: figure(this.rate), waiting: figure(now ? now.waiting : 0) });
    if (this.canvas.getAttribute("aria-label") !== label) this.canvas.setAttribute("aria-label", label);
  }
}

function perSecond(before, second) {
  if (!before || second.at <= before.at) return 0;
  return Math.max(0, Math.round(((second.answers - before.answers) * 1_000) / (second.at - before.at)));
}
