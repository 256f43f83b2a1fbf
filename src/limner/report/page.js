"use strict";
// Charts over time beside the video: the cursor follows the video, a click moves the video.

const data = JSON.parse(document.getElementById("data").textContent);
const video = document.querySelector("video");
const charts = document.getElementById("charts");
const timeline = document.getElementById("timeline");
const clock = document.getElementById("clock");
const shownPeople = new Set(data.people.map((person) => person.id));
const chosen = new Set(data.chosen);
const last = data.times.length - 1;
const ROW = 150; // pixels of height for each chart
const settings = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"] };
const MISSING = 65535; // stands for a value that is not known
const MOST = 2000; // points of a line that are drawn at once; more could not be told apart
let now = data.times[0];
let view = span(); // the seconds that the charts show

function element(name, text, parent) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

function checkbox(text, checked, parent, change) {
  const label = element("label", "", parent);
  const box = element("input", "", label);
  box.type = "checkbox";
  box.checked = checked;
  box.addEventListener("change", () => change(box.checked));
  label.append(" " + text);
  return label;
}

function put(set, value, present) {
  if (present) set.add(value);
  else set.delete(value);
}

// The cursor is an element over the plot and not a shape in it: Plotly lays the whole plot out
// again for a shape that moves, which takes far longer than a video frame.
function placeCursor(chart) {
  const line = chart.parentElement.querySelector(".cursor");
  const { margin, xaxis } = chart.layout;
  const [start, end] = xaxis.range;
  const part = (now - start) / (end - start);
  line.hidden = part < 0 || part > 1;
  line.style.top = margin.t + "px";
  line.style.height = chart.clientHeight - margin.t - margin.b + "px";
  const left = margin.l + part * (chart.clientWidth - margin.l - margin.r);
  line.style.transform = "translateX(" + left + "px)";
}

// The frames that a person is in, from the stretches that the data holds.
function rowsOf(person) {
  if (!person.frames) {
    const rows = [];
    for (const [first, last] of person.rows) for (let row = first; row <= last; row++) rows.push(row);
    person.frames = Uint32Array.from(rows);
  }
  return person.frames;
}

// Each person's values of a quantity, read when somebody looks at it for the first time.
function curvesOf(quantity) {
  if (!quantity.curves) {
    const text = document.getElementById("curves-" + data.quantities.indexOf(quantity)).textContent;
    const steps = new Uint16Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    let start = 0;
    quantity.curves = data.people.map((person, column) => {
      const [lowest, step] = quantity.scales[column];
      const part = steps.subarray(start, (start += rowsOf(person).length));
      return Float32Array.from(part, (each) => (each === MISSING ? NaN : lowest + each * step));
    });
  }
  return quantity.curves;
}

// The first of a person's frames at or after a time.
function firstAt(rows, time) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (data.times[rows[middle]] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// A line's points within the view: all of them, or of many only the lowest and the highest of
// each bunch, so that no peak is lost. Zooming in brings the rest.
function pointsOf(person, values) {
  const rows = rowsOf(person), x = [], y = [];
  const start = Math.max(firstAt(rows, view[0]) - 1, 0);
  const end = Math.min(firstAt(rows, view[1]) + 1, rows.length);
  const bunch = Math.max(Math.ceil((2 * (end - start)) / MOST), 1);
  const put = (at) => { x.push(data.times[rows[at]]); y.push(Number.isNaN(values[at]) ? null : +values[at].toFixed(1)); };
  for (let from = start; from < end; from += bunch) {
    const to = Math.min(from + bunch, end);
    if (from > start && rows[from] > rows[from - 1] + 1) { x.push(null); y.push(null); }
    let low = -1, high = -1;
    for (let at = from; at < to; at++) {
      if (Number.isNaN(values[at])) continue;
      if (low < 0 || values[at] < values[low]) low = at;
      if (high < 0 || values[at] > values[high]) high = at;
    }
    if (low < 0) put(from);
    else if (low === high) put(low);
    else { put(Math.min(low, high)); put(Math.max(low, high)); }
  }
  return { x, y };
}

function drawCharts() {
  const rows = data.quantities.filter((quantity) => chosen.has(quantity.name));
  const count = Math.max(rows.length, 1);
  const gap = 0.32 / count;
  const pitch = (1 + gap) / count; // the last row has no gap below it
  const traces = [];
  const layout = {
    height: ROW * count + 60, margin: { l: 55, r: 15, t: 24, b: 40 },
    showlegend: false, hovermode: "x", hoverdistance: -1, dragmode: "zoom",
    annotations: [], uirevision: "kept",
    font: { family: "system-ui, sans-serif", size: 12 },
    xaxis: { title: { text: "seconds" }, range: view, anchor: count > 1 ? "y" + count : "y", zeroline: false },
  };
  rows.forEach((quantity, row) => {
    const suffix = row === 0 ? "" : String(row + 1);
    const top = 1 - row * pitch;
    const bottom = Math.max(top - pitch + gap, 0);
    const known = curvesOf(quantity).some((values) => values.some((value) => !Number.isNaN(value)));
    layout["yaxis" + suffix] = {
      domain: [bottom, top], title: { text: quantity.unit }, zeroline: false,
      // The picture's y points down, and so does the chart's: up in the chart is up in the video.
      autorange: quantity.group === "y" ? "reversed" : true,
    };
    layout.annotations.push({
      text: "<b>" + quantity.label + "</b>" + (known ? "" : " (never seen)"), xref: "paper", yref: "paper", x: 0, y: top,
      xanchor: "left", xshift: 4, yanchor: "bottom", showarrow: false,
    });
    data.people.forEach((person, column) => {
      if (!shownPeople.has(person.id)) return;
      traces.push({
        ...pointsOf(person, curvesOf(quantity)[column]), yaxis: "y" + suffix, xaxis: "x",
        mode: last < 1 ? "markers" : "lines", line: { color: person.colour, width: 1.6 },
        marker: { color: person.colour }, connectgaps: false,
        hovertemplate: "person " + person.id + ": %{y} " + quantity.unit + "<extra></extra>",
      });
    });
  });
  if (!rows.length) {
    layout.annotations.push({
      text: "Nothing is chosen.", xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false,
    });
  }
  Plotly.react(charts, traces, layout, settings);
}

function span() {
  const step = last > 0 ? (data.times[last] - data.times[0]) / last : 0.5;
  return [data.times[0] - step, data.times[last] + step];
}

// How long a frame usually lasts: the last one, too.
const frameLength = (() => {
  const steps = Float64Array.from(data.times.slice(1), (time, at) => time - data.times[at]).sort();
  return steps.length ? steps[steps.length >> 1] : 0;
})();

function drawTimeline() {
  const traces = data.people.map((person, row) => {
    const x = [], y = [];
    for (const [first, end] of person.rows) {
      x.push(data.times[first], end < last ? data.times[end + 1] : data.times[last] + frameLength, null);
      y.push(row, row, null);
    }
    return {
      x, y, mode: "lines", line: { color: person.colour, width: 11 },
      opacity: shownPeople.has(person.id) ? 1 : 0.25,
      hovertemplate: "person " + person.id + ", %{x:.2f} s<extra></extra>",
    };
  });
  const layout = {
    height: 70 + 22 * data.people.length, margin: { l: 75, r: 10, t: 5, b: 38 },
    showlegend: false, hovermode: "closest",
    font: { family: "system-ui, sans-serif", size: 12 },
    xaxis: { title: { text: "seconds" }, range: span(), zeroline: false },
    yaxis: {
      range: [data.people.length - 0.4, -0.6], zeroline: false, fixedrange: true, showgrid: false,
      tickvals: data.people.map((_, row) => row),
      ticktext: data.people.map((person) => "person " + person.id),
    },
  };
  // Its buttons would lie over the first person's line.
  Plotly.react(timeline, traces, layout, { ...settings, displayModeBar: false });
}

// The index of the last of rising times that is at or before a time.
function indexAt(times, time) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time + 1e-4) low = middle;
    else high = middle - 1;
  }
  return low;
}

function moveCursor(time) {
  now = Math.min(Math.max(time, data.times[0]), data.times[last]);
  clock.textContent = now.toFixed(2) + " s, frame " + data.frames[indexAt(data.times, now)];
  placeCursor(charts);
  placeCursor(timeline);
}

function seek(time) {
  moveCursor(time);
  // A little into the frame: at its very border a player may show the one before.
  if (video) video.currentTime = Math.max(data.video.times[indexAt(data.times, now)] - data.video_start + 0.001, 0);
}

// The frame that is seen at a time of the player, by the video's own clock: it may begin later
// than the sound, and run at another rate than what was measured.
function moveTo(played) {
  moveCursor(data.times[indexAt(data.video.times, played + data.video_start)]);
}

function follow() {
  const step = () => moveTo(video.currentTime);
  video.addEventListener("seeked", step);
  if ("requestVideoFrameCallback" in video) {
    const each = (_, facts) => {
      moveTo(facts.mediaTime);
      video.requestVideoFrameCallback(each);
    };
    video.requestVideoFrameCallback(each);
  } else {
    video.addEventListener("timeupdate", step);
  }
}

for (const [name, value] of data.facts) {
  const row = element("tr", "", document.getElementById("facts"));
  element("th", name, row);
  element("td", value, row);
}
const people = document.getElementById("people");
for (const person of data.people) {
  const label = checkbox("person " + person.id, true, people, (on) => {
    put(shownPeople, person.id, on);
    drawCharts();
    drawTimeline();
  });
  const dot = element("span");
  dot.className = "dot";
  dot.style.background = person.colour;
  label.prepend(dot);
}
if (!data.people.length) element("p", "Nobody was seen.", people);
if (data.hidden_people) {
  element("p", data.hidden_people + " more people, seen for a shorter time, are not shown.", people);
}
const groups = { angle: "Angles", x: "Joints, x", y: "Joints, y" };
for (const [group, title] of Object.entries(groups)) {
  const offered = data.quantities.filter((quantity) => quantity.group === group);
  if (!offered.length) continue;
  const box = element("div", "", document.getElementById("choices"));
  box.className = "group";
  element("b", title, box);
  for (const quantity of offered) {
    checkbox(quantity.label, chosen.has(quantity.name), box, (on) => {
      put(chosen, quantity.name, on);
      drawCharts();
    });
  }
}
drawCharts();
drawTimeline();
for (const chart of [charts, timeline]) {
  chart.on("plotly_click", (event) => seek(event.points[0].x));
  chart.on("plotly_afterplot", () => placeCursor(chart)); // zoomed, or the window has another size
}
// Another part of the time shows other points of the lines.
charts.on("plotly_relayout", (change) => {
  if ("xaxis.range[0]" in change) view = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
  else if (change["xaxis.range"]) view = change["xaxis.range"];
  else if (change["xaxis.autorange"]) view = span();
  else return;
  drawCharts();
});
moveCursor(now);
if (video) follow();
