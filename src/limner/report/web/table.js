// An image's numbers: nothing moves, so there is a table and no time.

import { curvesOf, valueAt } from "limner/curves.js";
import { element } from "limner/dom.js";
import { badge } from "limner/people.js";

// A value as it is read: angles in whole degrees and a tenth, places in whole pixels.
export function written(value, unit) {
  if (Number.isNaN(value)) return "\u2013";
  return unit === "degrees" ? value.toFixed(1) + "\u00b0" : Math.round(value) + " px";
}

// One person's values of panels, left and right in columns of their own.
export function table(data, person, panels) {
  const column = data.people.indexOf(person);
  const cell = (panel, side) => {
    const member = panel.members.find((each) => data.quantities[each].side === side);
    if (member === undefined) return element("td");
    return element("td", {}, written(valueAt(person, curvesOf(data, member)[column].values, 0), panel.unit));
  };
  const sides = ["left", "middle", "right"].filter((side) => (
    panels.some((panel) => panel.members.some((each) => data.quantities[each].side === side))
  ));
  const heads = sides.map((side) => element("th", { class: side, scope: "col" }, side === "middle" ? "" : side));
  const rows = panels.map((panel) => {
    return element("tr", {}, element("th", { scope: "row" }, panel.title), ...sides.map((side) => cell(panel, side)));
  });
  return element(
    "table", { class: "values" }, element("caption", {}, badge(person), " person " + person.id),
    element("thead", {}, element("tr", {}, element("th"), ...heads)), element("tbody", {}, ...rows),
  );
}
