// Which frame is shown: a video's, or, without one, whichever was asked for.
//
// It sends "frame" whenever another one is shown, "state" when it starts or stops playing, or
// cannot play at all.

import { element } from "limner/dom.js";
import { indexAt } from "limner/frames.js";

export class Player extends EventTarget {
  // video: the element, or null; times: when the video shows each of the frames, by its own clock.
  constructor(frames, video = null, times = null) {
    super();
    this.frames = frames;
    this.video = video;
    this.times = times;
    this.index = 0;
    // Containers round times: WebM to milliseconds.
    this.slack = Math.min(0.001, frames.usual / 4);
    this.wanted = null; // the frame that the video is on its way to
    if (video) this.#follow();
  }

  get time() { return this.frames.times[this.index]; }
  get playing() { return Boolean(this.video) && !this.video.paused; }

  show(index) {
    index = this.frames.within(index);
    if (this.video) {
      const busy = this.wanted !== null;
      this.wanted = index;
      if (!busy) this.#send();
    }
    this.#tell(index);
  }

  step(count) { this.video?.pause(); this.show(this.index + count); }

  skip(seconds) { this.show(this.frames.nearest(this.time + seconds)); }

  toggle() {
    if (!this.video) return;
    if (this.video.paused) this.video.play().catch(() => {}); // a browser may refuse
    else this.video.pause();
  }

  pause() { this.video?.pause(); }

  // Only one seek at a time: a finger asks faster than a video can answer.
  #send() {
    this.sent = this.wanted;
    // A little into the frame: at its very border a player may show the one before.
    this.video.currentTime = Math.max(this.times[this.sent] + this.slack, 0);
  }

  #seeked() {
    if (this.wanted !== null && this.wanted !== this.sent) { this.#send(); return; }
    this.wanted = null;
    this.#shown(this.video.currentTime);
  }

  // What the video shows, by its own clock: it may begin later than the audio, and run at
  // another rate than what was measured.
  #shown(seconds) {
    if (this.wanted === null) this.#tell(indexAt(this.times, seconds + this.slack));
  }

  #follow() {
    const { video } = this;
    video.addEventListener("seeked", () => this.#seeked());
    if (video.error) this.#fail(); // it may have failed before this script ran
    else video.addEventListener("error", () => this.#fail());
    for (const each of ["play", "pause", "ended"]) {
      video.addEventListener(each, () => this.dispatchEvent(new Event("state")));
    }
    if (!("requestVideoFrameCallback" in video)) {
      video.addEventListener("timeupdate", () => this.#shown(video.currentTime));
      return;
    }
    const each = (_, facts) => {
      this.#shown(facts.mediaTime);
      video.requestVideoFrameCallback(each);
    };
    video.requestVideoFrameCallback(each);
  }

  // Charts go on without the video.
  #fail() {
    this.video.replaceWith(element("p", { class: "missing" }, "This browser cannot play the video."));
    this.video = null;
    this.wanted = null;
    this.dispatchEvent(new Event("state"));
  }

  #tell(index) {
    if (index === this.index) return;
    this.index = index;
    this.dispatchEvent(new Event("frame"));
  }
}
