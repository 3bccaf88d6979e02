// Thousands of lamps on one canvas. The rule: what changes is put down, and drawn once for each frame of the screen, cell
// by cell; each kind of lamp has a shape of its own beside its colour, drawn once and copied.

export const LAMPS = ["online", "autonomous", "sending", "blocked", "silent"];

/** Above so many registers lamps are small, above the second number smaller. */
const SIZES = [
  [60, 44],
  [400, 26],
  [1_500, 18],
  [Infinity, 13],
];

const PATHS = {
  online: (c, s) => {
    c.arc(s / 2, s / 2, s * 0.36, 0, 7);
    c.fill();
  },
  autonomous: (c, s) => {
    c.moveTo(s / 2, s * 0.12);
    c.lineTo(s * 0.9, s * 0.84);
    c.lineTo(s * 0.1, s * 0.84);
    c.closePath();
    c.fill();
  },
  sending: (c, s) => {
    c.moveTo(s * 0.14, s * 0.16);
    c.lineTo(s * 0.88, s / 2);
    c.lineTo(s * 0.14, s * 0.84);
    c.lineTo(s * 0.36, s / 2);
    c.closePath();
    c.fill();
  },
  blocked: (c, s) => {
    c.lineWidth = Math.max(2, s * 0.2);
    c.moveTo(s * 0.2, s * 0.2);
    c.lineTo(s * 0.8, s * 0.8);
    c.moveTo(s * 0.8, s * 0.2);
    c.lineTo(s * 0.2, s * 0.8);
    c.stroke();
  },
  silent: (c, s) => {
    c.lineWidth = Math.max(1, s * 0.1);
    c.arc(s / 2, s / 2, s * 0.32, 0, 7);
    c.stroke();
  },
};

export class LampBoard {
  /** `rows` is the list of registers in their order; `rows[i].lamp` names the lamp. */
  constructor(canvas, rows) {
    this.canvas = canvas;
    this.rows = rows;
    this.dirty = new Set();
    this.pending = 0;
    this.drawn = 0;
    this.frame = this.frame.bind(this);
    this.redraw = this.redraw.bind(this);
    this.watching = new ResizeObserver(this.redraw);
    this.watching.observe(canvas.parentElement);
    addEventListener("recolour", this.redraw);
    this.redraw();
  }

  end() {
    this.watching.disconnect();
    removeEventListener("recolour", this.redraw);
    cancelAnimationFrame(this.pending);
  }

  /** This lamp is another one. */
  touch(index) {
    this.dirty.add(index);
    if (!this.pending) this.pending = requestAnimationFrame(this.frame);
  }

  /** Everything is other: the number of lamps, the width, the colours. */
  redraw() {
    this.whole = true;
    if (!this.pending) this.pending = requestAnimationFrame(this.frame);
  }

  frame() {
    this.pending = 0;
    if (this.whole) this.layOut();
    const cells = this.whole ? this.rows.keys() : this.dirty;
    this.whole = false;
    for (const index of cells) this.drawCell(index);
    this.dirty.clear();
    this.drawn += 1;
    this.canvas.dataset.drawn = this.rows.length;
    this.canvas.dataset.frames = this.drawn;
  }

  layOut() {
    const width = this.canvas.parentElement.clientWidth || 300;
    const scale = devicePixelRatio || 1;
    this.size = SIZES.find(([count]) => this.rows.length <= count)[1];
    this.across = Math.max(1, Math.floor(width / this.size));
    const down = Math.max(1, Math.ceil(this.rows.length / this.across));
    this.canvas.width = width * scale;
    this.canvas.height = down * this.size * scale;
    this.canvas.style.height = `${down * this.size}px`;
    this.context = this.canvas.getContext("2d");
    this.context.scale(scale, scale);
    const colours = getComputedStyle(document.documentElement);
    this.stamps = new Map(LAMPS.map((lamp) => [lamp, stamp(lamp, this.size, scale, colours)]));
  }

  drawCell(index) {
    const row = this.rows[index];
    if (!row) return;
    const x = (index % this.across) * this.size;
    const y = Math.floor(index / this.across) * this.size;
    this.context.clearRect(x, y, this.size, this.size);
    const made = this.stamps.get(row.lamp);
    if (made) this.context.drawImage(made, x, y, this.size, this.size);
  }

  /** The index of the lamp under a pointer, or -1. */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const across = Math.floor((event.clientX - box.left) / this.size);
    if (across < 0 || across >= this.across) return -1;
    const index = Math.floor((event.clientY - box.top) / this.size) * this.across + across;
    return index >= 0 && index < this.rows.length ? index : -1;
  }
}

function stamp(lamp, size, scale, colours) {
  const made = document.createElement("canvas");
  made.width = made.height = Math.ceil(size * scale);
  const context = made.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = context.strokeStyle = colours.getPropertyValue(`--${lamp}`).trim();
  context.beginPath();
  PATHS[lamp](context, size);
  return made;
}
