// The people: who is shown, and a timeline of when each of them is seen.

import { element } from "limner/dom.js";
import { scrub } from "limner/scrub.js";

// A person's sign: the number in the person's colour.
export function badge(person) {
  return element("span", { class: "badge", style: `--own: var(--person-${person.id})` }, String(person.id));
}

export class People {
  // shown: the ids whose charts are shown; change is called when others are.
  constructor(root, data, player, shown, change) {
    this.player = player;
    this.cursors = [];
    const { frames } = player;
    root.append(element("h2", {}, "People"));
    for (const person of data.people) {
      const box = element("input", {
        type: "checkbox", checked: shown.has(person.id), onchange: () => {
          if (box.checked) shown.add(person.id);
          else shown.delete(person.id);
          change();
        },
      });
      const row = element("div", { class: "person" });
      row.append(element("label", {}, box, badge(person), " person " + person.id));
      if (!data.still) row.append(this.#track(person, frames));
      root.append(row);
    }
    if (!data.people.length) root.append(element("p", {}, "Nobody was seen."));
    if (data.hidden_people) {
      root.append(element("p", {}, data.hidden_people + " more people, seen for a shorter time, are not shown."));
    }
  }

  #track(person, frames) {
    const length = frames.end - frames.start;
    const percent = (time) => (100 * (time - frames.start)) / length;
    const track = element("div", { class: "track scrub", title: "when the person is seen" });
    for (const [first, last] of person.rows) {
      const left = percent(frames.times[first]), right = percent(frames.endOf(last));
      track.append(element("span", {
        style: `left: ${left}%; width: ${right - left}%; background: var(--person-${person.id})`,
      }));
    }
    const cursor = element("div", { class: "cursor" });
    this.cursors.push(cursor);
    track.append(cursor);
    scrub(track, this.player, (clientX) => {
      const box = track.getBoundingClientRect();
      return frames.start + Math.min(Math.max((clientX - box.left) / box.width, 0), 1) * length;
    });
    return track;
  }

  // Puts the cursors where the player is.
  place() {
    const { frames, time } = this.player;
    const part = (time - frames.start) / (frames.end - frames.start);
    for (const cursor of this.cursors) cursor.style.transform = `translateX(${100 * part}%)`;
  }
}
