// One chart over time: lines with breaks, bands about them, hatched stretches, a cursor.

import { element, shape } from "limner/dom.js";
import { band, bunches, points } from "limner/levels.js";
import { ticks } from "limner/scale.js";
import { scrub } from "limner/scrub.js";

const MARGIN = { left: 50, right: 8, top: 8, bottom: 22 };
const HEIGHT = 150;
const SPACE_X = 80, SPACE_Y = 24; // pixels between two numbers on an axis
let made = 0; // for ids

// A path over points [x, y]; a null lifts the pen.
export function path(found, x, y) {
  let text = "", pen = "M", alone = false;
  for (const point of found) {
    if (point === null) {
      if (alone) text += "h0"; // a point by itself is drawn as a dot
      pen = "M";
      alone = false;
      continue;
    }
    text += pen + x(point[0]).toFixed(1) + " " + y(point[1]).toFixed(1);
    alone = pen === "M";
    pen = "L";
  }
  return alone ? text + "h0" : text;
}

// The outline of a band over points [x, low, high]; a null ends one part of it.
export function outline(found, x, y) {
  let text = "", part = [];
  const close = () => {
    const upper = part.map(([at, , high]) => [at, high]);
    const lower = part.map(([at, low]) => [at, low]).reverse();
    if (part.length) text += path([...upper, ...lower], x, y).replace(/h0$/, "") + "Z";
    part = [];
  };
  for (const point of found) {
    if (point === null) close();
    else part.push(point);
  }
  close();
  return text;
}

export class Chart {
  // heading: an element above; unit: of the values; range: [lowest, highest]; down: whether y
  // points down, as in images; lines: {side, rows, values, low, high}, of which low and high may
  // be missing; hatched: {kind, start, end} in seconds.
  constructor(player, view, { heading, label, unit, range, down = false, lines, hatched = [] }) {
    Object.assign(this, { player, view, unit, range, down, lines, hatched });
    this.id = "chart-" + made++;
    this.drawing = shape("svg", { role: "img", "aria-label": label });
    this.cursor = element("div", { class: "cursor" });
    this.plot = element("div", { class: "plot scrub" }, this.drawing, this.cursor);
    this.root = element("figure", { class: "chart" }, heading, this.plot);
    scrub(this.plot, player, (clientX) => this.timeAt(clientX));
    this.plot.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return; // what a wheel does by itself is the page's
      event.preventDefault();
      view.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.timeAt(event.clientX));
    }, { passive: false });
  }

  timeAt(clientX) {
    const box = this.plot.getBoundingClientRect();
    const left = MARGIN.left * (box.width / this.width), right = MARGIN.right * (box.width / this.width);
    const part = (clientX - box.left - left) / (box.width - left - right);
    const { start, end } = this.view;
    return start + Math.min(Math.max(part, 0), 1) * (end - start);
  }

  // Draws everything anew, width pixels wide.
  draw(width) {
    this.width = width;
    const { start, end } = this.view;
    const right = width - MARGIN.right, bottom = HEIGHT - MARGIN.bottom;
    const x = (time) => MARGIN.left + ((time - start) / (end - start)) * (right - MARGIN.left);
    const [low, high] = this.range ?? [0, 1];
    const y = (value) => {
      const part = (value - low) / (high - low);
      return this.down ? MARGIN.top + part * (bottom - MARGIN.top) : bottom - part * (bottom - MARGIN.top);
    };
    const clip = shape("clipPath", { id: this.id + "-clip" }, shape("rect", {
      x: MARGIN.left, y: 0, width: right - MARGIN.left, height: bottom,
    }));
    const inside = shape("g", { "clip-path": `url(#${this.id}-clip)` });
    this.#hatch(inside, x, bottom);
    this.#lines(inside, x, y);
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.drawing.replaceChildren(
      shape("defs", {}, clip, ...this.#patterns()), this.#axes(x, y, right, bottom), inside,
    );
    if (!this.range) {
      this.drawing.append(shape("text", { class: "empty", x: (MARGIN.left + right) / 2, y: bottom / 2 }, "never seen"));
    }
    this.place();
  }

  // Puts the cursor where the player is.
  place() {
    const { start, end } = this.view;
    const part = (this.player.time - start) / (end - start);
    this.cursor.hidden = part < 0 || part > 1;
    const left = MARGIN.left + part * (this.width - MARGIN.left - MARGIN.right);
    this.cursor.style.transform = `translateX(${(100 * left) / this.width}%)`;
  }

  #lines(parent, x, y) {
    const { times } = this.player.frames;
    const { start, end } = this.view;
    const drawn = this.lines.map((line) => ({ ...line, found: bunches(times, line.rows, start, end) }));
    for (const { side, rows, low, high, found } of drawn) {
      if (!low) continue;
      parent.append(shape("path", { class: "band " + side, d: outline(band(times, rows, low, high, found), x, y) }));
    }
    for (const { side, rows, values, found } of drawn) {
      parent.append(shape("path", { class: "line " + side, d: path(points(times, rows, values, found), x, y) }));
    }
  }

  // Each kind of stretch is hatched in a direction of its own.
  #kinds() { return [...new Set(this.hatched.map(({ kind }) => kind))]; }

  #patterns() {
    return this.#kinds().map((_, number) => shape("pattern", {
      id: `${this.id}-hatch-${number}`, width: 7, height: 7, patternUnits: "userSpaceOnUse",
      patternTransform: `rotate(${45 + 45 * number})`,
    }, shape("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 7 })));
  }

  #hatch(parent, x, bottom) {
    const kinds = this.#kinds();
    for (const { kind, start, end } of this.hatched) {
      if (end < this.view.start || start > this.view.end) continue;
      parent.append(shape("rect", {
        class: "hatched", x: x(start), y: MARGIN.top, height: bottom - MARGIN.top,
        width: Math.max(x(end) - x(start), 1), fill: `url(#${this.id}-hatch-${kinds.indexOf(kind)})`,
      }, shape("title", {}, kind)));
    }
  }

  #axes(x, y, right, bottom) {
    const { start, end } = this.view;
    const axes = shape("g", { class: "axes" });
    for (const value of this.range ? ticks(...this.range, (bottom - MARGIN.top) / SPACE_Y) : []) {
      axes.append(shape("line", { x1: MARGIN.left, x2: right, y1: y(value), y2: y(value) }));
      axes.append(shape("text", { x: MARGIN.left - 6, y: y(value) + 4, "text-anchor": "end" }, value + this.unit));
    }
    for (const time of ticks(start, end, (right - MARGIN.left) / SPACE_X)) {
      axes.append(shape("line", { x1: x(time), x2: x(time), y1: MARGIN.top, y2: bottom }));
      const middle = Math.min(Math.max(x(time), MARGIN.left), right - 14);
      axes.append(shape("text", { x: middle, y: bottom + 15, "text-anchor": "middle" }, time + " s"));
    }
    return axes;
  }
}
