// Levels of detail: of a long line only as many points as can be told apart.

const MOST = 2000; // points of a line that are drawn at once

// The first of a line's points at or after a time.
function firstAt(times, rows, time) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[rows[middle]] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Bunches of a line's points between two times: [from, to) places in rows, of a few points each
// where there are too many. A bunch never reaches over a frame in which there is no point.
export function bunches(times, rows, start, end, most = MOST) {
  const from = Math.max(firstAt(times, rows, start) - 1, 0);
  const to = Math.min(firstAt(times, rows, end) + 1, rows.length);
  const size = Math.max(Math.ceil((2 * (to - from)) / most), 1);
  const found = [];
  for (let at = from; at < to;) {
    let next = at + 1;
    while (next < Math.min(at + size, to) && rows[next] === rows[next - 1] + 1) next++;
    found.push([at, next]);
    at = next;
  }
  return found;
}

// The line's points: of each bunch the lowest and the highest, so that no peak is lost.
// A null stands where the line breaks.
export function points(times, rows, values, found) {
  const result = [];
  let before = null;
  for (const [from, to] of found) {
    if (before !== null && rows[from] > rows[before] + 1) result.push(null);
    before = to - 1;
    let low = -1, high = -1;
    for (let at = from; at < to; at++) {
      if (Number.isNaN(values[at])) continue;
      if (low < 0 || values[at] < values[low]) low = at;
      if (high < 0 || values[at] > values[high]) high = at;
    }
    if (low < 0) { result.push(null); continue; }
    for (const at of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      result.push([times[rows[at]], values[at]]);
    }
  }
  return result;
}

// An interval's points: of each bunch the lowest low and the highest high; null as above.
export function band(times, rows, low, high, found) {
  const result = [];
  let before = null;
  for (const [from, to] of found) {
    if (before !== null && rows[from] > rows[before] + 1) result.push(null);
    before = to - 1;
    let least = Infinity, most = -Infinity;
    for (let at = from; at < to; at++) {
      if (Number.isNaN(low[at]) || Number.isNaN(high[at])) continue;
      least = Math.min(least, low[at]);
      most = Math.max(most, high[at]);
    }
    result.push(least > most ? null : [times[rows[from]], least, most]);
  }
  return result;
}
