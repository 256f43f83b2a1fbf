// Dragging in a chart or a timeline moves through time.
//
// Under a finger, up and down go on scrolling the page (touch-action: pan-y, in the style
// sheet): nothing moves before the finger has gone sideways, or was lifted where it lay.

const SIDEWAYS = 8; // pixels that a finger goes before it drags

export function scrub(area, player, timeAt) {
  let pressed = null; // where the pointer went down
  let dragging = false;
  const move = (event) => {
    player.pause();
    player.show(player.frames.nearest(timeAt(event.clientX)));
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    pressed = event;
    dragging = event.pointerType !== "touch";
    area.setPointerCapture(event.pointerId);
    if (dragging) move(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (!pressed) return;
    dragging ||= Math.abs(event.clientX - pressed.clientX) > SIDEWAYS;
    if (dragging) move(event);
  });
  area.addEventListener("pointerup", (event) => {
    if (pressed && !dragging) move(event);
    pressed = null;
  });
  area.addEventListener("pointercancel", () => { pressed = null; }); // the page scrolls
}
