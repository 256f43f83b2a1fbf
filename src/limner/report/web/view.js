// The stretch of time that charts show; it sends "change".

export class View extends EventTarget {
  constructor(start, end, least) {
    super();
    Object.assign(this, { first: start, last: end, least, start, end });
  }

  get whole() { return this.start === this.first && this.end === this.last; }

  // factor: under 1 to see less, larger; about: the time that stays where it is.
  zoom(factor, about) {
    const length = Math.min(Math.max((this.end - this.start) * factor, this.least), this.last - this.first);
    const part = (about - this.start) / (this.end - this.start);
    this.#set(about - part * length, length);
  }

  reset() { this.#set(this.first, this.last - this.first); }

  // Turns the page when the time that is played leaves it.
  follow(time) {
    const length = this.end - this.start;
    if (time < this.start || time > this.end) this.#set(time - (time > this.end ? 0.1 : 0.9) * length, length);
  }

  #set(start, length) {
    start = Math.min(Math.max(start, this.first), this.last - length);
    const end = length >= this.last - this.first ? this.last : start + length;
    if (start === this.start && end === this.end) return;
    Object.assign(this, { start, end });
    this.dispatchEvent(new Event("change"));
  }
}
