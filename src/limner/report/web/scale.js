// Numbers along an axis.

// Round numbers between two, about as many as asked for.
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-6), last = Math.floor(high / step + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, at) => +((first + at) * step).toPrecision(12));
}

// The lowest and highest of many arrays, with room about them; null if no value is known.
export function extent(arrays, least = 1) {
  let low = Infinity, high = -Infinity;
  for (const values of arrays) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return null;
  const room = Math.max((high - low) * 0.06, (least - (high - low)) / 2);
  return [low - room, high + room];
}
