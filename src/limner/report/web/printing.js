// What is printed: the frame that is shown, and charts as wide as a page.

import { element } from "limner/dom.js";

const PAGE = 680; // CSS pixels of what fits between a page's margins

// draw(width) draws the charts; null for the width of the screen.
export function printing(video, draw) {
  const opened = [];
  const still = video && element("canvas", { class: "printed", role: "img", "aria-label": "the frame that is shown" });
  still && video.after(still);
  window.addEventListener("beforeprint", () => {
    // A video is printed as an empty box by some browsers.
    if (still) still.hidden = !video.videoWidth;
    if (still && video.videoWidth) {
      still.width = video.videoWidth;
      still.height = video.videoHeight;
      still.getContext("2d").drawImage(video, 0, 0);
    }
    for (const each of document.querySelectorAll("#about details:not([open])")) {
      each.open = true;
      opened.push(each);
    }
    draw(PAGE);
  });
  window.addEventListener("afterprint", () => {
    for (const each of opened.splice(0)) each.open = false;
    draw(null);
  });
}
