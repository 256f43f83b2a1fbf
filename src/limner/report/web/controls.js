// The player's buttons, and its keys.

import { element, shape } from "limner/dom.js";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2];

function button(text, label, press) {
  return element("button", { type: "button", title: label, "aria-label": label, onclick: press }, text);
}

export function controls(root, player) {
  const { frames } = player;
  const slider = element("input", {
    type: "range", min: 0, max: frames.last, value: 0, "aria-label": "frame",
    oninput: () => { player.pause(); player.show(Number(slider.value)); },
  });
  player.addEventListener("frame", () => {
    slider.value = player.index;
    slider.setAttribute("aria-valuetext", player.time.toFixed(2) + " seconds");
  });
  const back = button("\u2039", "a frame back (,)", () => player.step(-1));
  const on = button("\u203a", "a frame on (.)", () => player.step(1));
  const row = element("div", { class: "row" }, back, on);
  root.append(slider, row);
  if (player.video) play(player, back, row);
}

// What only a video needs.
function play(player, back, row) {
  const { video } = player;
  const toggle = button("", "play", () => player.toggle());
  const speed = element("select", {
    "aria-label": "speed", title: "speed", onchange: () => { video.playbackRate = Number(speed.value); },
  }, ...SPEEDS.map((each) => element("option", { value: each, selected: each === 1 }, each + "\u00d7")));
  const audio = element("label", {}, element("input", {
    type: "checkbox", checked: true, onchange: (event) => { video.muted = !event.target.checked; },
  }), "audio");
  const corners = shape("path", { d: "M1 5V1h4M11 1h4v4M15 11v4h-4M5 15H1v-4" });
  const whole = button(
    shape("svg", { viewBox: "0 0 16 16", width: 16, class: "icon" }, corners), "full screen",
    () => video.requestFullscreen(),
  );
  const state = () => {
    for (const each of [toggle, speed, audio]) each.hidden = !player.video; // it may have failed
    whole.hidden = !player.video || !document.fullscreenEnabled;
    toggle.textContent = player.playing ? "\u275a\u275a" : "\u25b6\ufe0e";
    toggle.ariaLabel = toggle.title = player.playing ? "stop (space)" : "play (space)";
  };
  back.after(toggle);
  row.append(speed, audio, whole);
  video.addEventListener("click", () => player.toggle());
  player.addEventListener("state", state);
  state();
}

// Keys work wherever the page is, except where an element has a use of its own for them.
export function keys(player, view) {
  const { frames } = player;
  const actions = {
    " ": () => player.toggle(),
    ",": () => player.step(-1),
    ".": () => player.step(1),
    ArrowLeft: () => player.skip(-1),
    ArrowRight: () => player.skip(1),
    Home: () => player.show(0),
    End: () => player.show(frames.last),
    "+": () => view.zoom(0.5, player.time),
    "-": () => view.zoom(2, player.time),
    0: () => view.reset(),
  };
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in actions)) return;
    const writes = target.matches?.("select, textarea, input:not([type=checkbox])");
    const presses = event.key === " " && target.matches?.("button, input, summary, a");
    if (writes || presses) return;
    event.preventDefault(); // an arrow or space would scroll the page
    actions[event.key]();
  });
}
