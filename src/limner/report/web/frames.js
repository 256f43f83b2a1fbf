// When frames are shown: the one clock of player, charts and timeline.

// The index of the last of rising times that is at or before a time, 0 before the first.
export function indexAt(times, time) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time + 1e-4) low = middle;
    else high = middle - 1;
  }
  return low;
}

export class Frames {
  // times: seconds, rising; numbers: how the recording counts them.
  constructor(times, numbers) {
    this.times = times;
    this.numbers = numbers;
    this.last = times.length - 1;
    const steps = Float64Array.from(times.slice(1), (time, at) => time - times[at]).sort();
    this.usual = steps.length ? steps[steps.length >> 1] : 0; // how long a frame is shown
  }

  get start() { return this.times[0]; }
  get end() { return this.times[this.last] + this.usual; }

  at(time) { return indexAt(this.times, time); }

  // The frame whose time is nearest: what a finger points at.
  nearest(time) {
    const before = this.at(time);
    const after = Math.min(before + 1, this.last);
    return time - this.times[before] > this.times[after] - time ? after : before;
  }

  within(index) { return Math.min(Math.max(index, 0), this.last); }

  // When the frame after this one begins.
  endOf(index) { return index < this.last ? this.times[index + 1] : this.end; }
}
