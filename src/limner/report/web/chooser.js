// The list of what can be shown.

import { element } from "limner/dom.js";

const GROUPS = { angle: "Angles", x: "Joints, x", y: "Joints, y" };

// chosen: the panels that are shown; change is called when others are.
export function chooser(root, panels, chosen, change) {
  for (const [group, title] of Object.entries(GROUPS)) {
    const offered = panels.filter((panel) => panel.group === group);
    if (!offered.length) continue;
    const box = element("div", { class: "group" }, element("b", {}, title));
    for (const panel of offered) {
      const input = element("input", {
        type: "checkbox", checked: chosen.has(panel), onchange: () => {
          if (input.checked) chosen.add(panel);
          else chosen.delete(panel);
          change();
        },
      });
      box.append(element("label", {}, input, " " + panel.title));
    }
    root.append(box);
  }
}
