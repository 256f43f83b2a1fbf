// One chart over time: lines with breaks, bands about them, hatched stretches, a cursor.

import { element, shape } from "limner/dom.js";
import { band, bunches, points } from "limner/levels.js";
import { ticks } from "limner/scale.js";
import { scrub } from "limner/scrub.js";

const MARGIN = { left: 50, right: 8, top: 8, bottom: 22 };
const HEIGHT = 150;
const SPACE_X = 80, SPACE_Y = 24; // pixels between two numbers on an axis
let made = 0; // for ids

// By how many degrees a kind's hatching is turned from upright: each has a direction of its own.
function slope(kind) { return 45 + 45 * kind; }

// What explains a kind of stretch beside the chart's title.
export function hatchKey(kind, name) {
  return element("span", { class: "key hatched", style: `--across: ${90 + slope(kind)}deg` }, name);
}

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
  // be missing; hatched: {kind, side, title, start, end}, of which
  // kind is a number, start and end are seconds; drawn in the side's colour.
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
      // Where many frames share a pixel, lines would hide each other.
      const dense = found.some(([from, to]) => to - from > 3) ? " dense" : "";
      parent.append(shape("path", { class: "line " + side + dense, d: path(points(times, rows, values, found), x, y) }));
    }
  }

  #pattern({ kind, side }) { return `${this.id}-hatch-${kind}-${side}`; }

  #patterns() {
    const different = new Map(this.hatched.map((each) => [this.#pattern(each), each]));
    return [...different].map(([id, { kind, side }]) => shape("pattern", {
      id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${slope(kind)})`,
    }, shape("line", { class: "hatch " + side, x1: 0, x2: 0, y1: 0, y2: 7 })));
  }

  #hatch(parent, x, bottom) {
    for (const each of this.hatched) {
      if (each.end < this.view.start || each.start > this.view.end) continue;
      parent.append(shape("rect", {
        class: "hatched", x: x(each.start), y: MARGIN.top, height: bottom - MARGIN.top,
        width: Math.max(x(each.end) - x(each.start), 1), fill: `url(#${this.#pattern(each)})`,
      }, shape("title", {}, each.title)));
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
