// The report's page: a video, and charts that follow it.

import { Chart, hatchKey } from "limner/chart.js";
import { chooser } from "limner/chooser.js";
import { controls, keys } from "limner/controls.js";
import { curvesOf, rowsOf, valueAt } from "limner/curves.js";
import { element } from "limner/dom.js";
import { Frames } from "limner/frames.js";
import { badge, People } from "limner/people.js";
import { Player } from "limner/player.js";
import { printing } from "limner/printing.js";
import { extent } from "limner/scale.js";
import { table, written } from "limner/table.js";
import { View } from "limner/view.js";

const LEAST = { degrees: 20, px: 20 }; // an axis shows no less, so that noise does not fill it
const UNITS = { degrees: "\u00b0", px: "" };

const data = JSON.parse(document.getElementById("data").textContent);
const place = (id) => document.getElementById(id);
const frames = new Frames(data.times, data.frames);
const video = document.querySelector("video");
const player = new Player(frames, video, data.video?.times);
const view = new View(frames.start, frames.end, Math.max(10 * frames.usual, 1e-3));
const shown = new Set(data.shown);
const chosen = new Set(data.panels.filter((panel) => panel.chosen));
const kinds = [...new Set(data.quantities.flatMap(({ marked }) => marked.flatMap(Object.keys)))];
let charts = []; // of what is shown: {chart, update}

for (const [name, value] of data.facts) {
  place("facts").append(element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value)));
}
document.body.classList.toggle("still", data.still);
const people = new People(place("people"), data, player, shown, show);
chooser(place("choices"), data.panels, chosen, show);
show();
if (!data.still) {
  controls(place("controls"), player);
  keys(player, view);
  tools(place("tools"));
  player.addEventListener("frame", moved);
  view.addEventListener("change", () => draw());
  new ResizeObserver(() => draw()).observe(place("charts"));
  moved();
}
if (data.still && video) video.controls = true; // one frame of it was measured
printing(video, draw);

// Makes the charts, or an image's tables, of who and what is chosen.
function show() {
  const who = data.people.filter((person) => shown.has(person.id));
  const what = data.panels.filter((panel) => chosen.has(panel));
  charts = [];
  const parts = data.still
    ? what.length ? who.map((person) => table(data, person, what)) : []
    : what.flatMap((panel) => who.map((person) => chartOf(panel, person)));
  if (!parts.length) parts.push(element("p", { class: "missing" }, "Nothing is chosen."));
  place("charts").replaceChildren(...parts);
  draw();
}

function chartOf(panel, person) {
  const column = data.people.indexOf(person);
  const { title } = panel;
  const heading = element("figcaption", {}, badge(person), element("b", {}, title));
  const hatched = [], outputs = [];
  const lines = panel.members.map((member) => {
    const quantity = data.quantities[member];
    const curve = curvesOf(data, member)[column];
    for (const [kind, stretches] of Object.entries(quantity.marked[column])) {
      for (const [first, last] of stretches) {
        hatched.push({
          kind: kinds.indexOf(kind), side: quantity.side, title: quantity.label + ": " + kind,
          start: frames.times[first], end: frames.endOf(last),
        });
      }
    }
    const output = element("output", { "aria-live": "off" });
    outputs.push([output, curve.values]);
    const name = quantity.side === "middle" ? "" : quantity.side;
    heading.append(element("span", { class: "key " + quantity.side }, name, " ", output));
    return { side: quantity.side, rows: rowsOf(person), ...curve };
  });
  for (const kind of new Set(hatched.map((each) => each.kind))) heading.append(hatchKey(kind, kinds[kind]));
  const arrays = lines.flatMap(({ values, low, high }) => (low ? [values, low, high] : [values]));
  const chart = new Chart(player, view, {
    heading, lines, hatched, unit: UNITS[panel.unit], range: extent(arrays, LEAST[panel.unit]),
    label: `${title} of person ${person.id} over time`,
    // An image's y points down, and so does the chart's: up in the chart is up in the video.
    down: panel.group === "y",
  });
  charts.push({
    chart,
    update() {
      for (const [output, values] of outputs) {
        output.textContent = written(valueAt(person, values, player.index), panel.unit);
      }
      chart.place();
    },
  });
  return chart.root;
}

function draw(width = null) {
  const across = width ?? place("charts").clientWidth;
  if (across < 100) return;
  for (const { chart, update } of charts) {
    chart.draw(across);
    update();
  }
}

function moved() {
  place("clock").textContent = player.time.toFixed(2) + " s, frame " + frames.numbers[player.index];
  view.follow(player.time);
  people.place();
  for (const { update } of charts) update();
}

function tools(root) {
  const keyed = [
    ...(video ? [[["space"], "plays"]] : []),
    [["\u2190", "\u2192"], "a second"], [[",", "."], "a frame"], [["+", "\u2212", "0"], "zoom"],
  ];
  const zoom = (text, label, press) => element("button", { type: "button", title: label, "aria-label": label, onclick: press }, text);
  root.append(
    element("div", { class: "row" },
      zoom("\u2212", "see more time (-)", () => view.zoom(2, player.time)),
      zoom("+", "see less time, larger (+)", () => view.zoom(0.5, player.time)),
      zoom("all", "the whole time (0)", () => view.reset())),
    element("p", { class: "hint" }, "Drag in a chart to move through time.", ...keyed.flatMap(([names, what]) => (
      [" ", element("span", { class: "keyed" }, ...names.map((name) => element("kbd", {}, name)), " " + what)]
    ))),
  );
}
