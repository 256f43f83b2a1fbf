// Reads the lines that stand in the page, when somebody looks at them for the first time.

const MISSING = 65535; // stands for a value that is not known

// The frames that a person is in, from the stretches that the data holds.
export function rowsOf(person) {
  if (!person.frames) {
    const rows = [];
    for (const [first, last] of person.rows) for (let row = first; row <= last; row++) rows.push(row);
    person.frames = Uint32Array.from(rows);
  }
  return person.frames;
}

// Each person's values of a quantity, and the ends of their interval where there is one:
// {values, low, high} for every person.
export function curvesOf(data, number) {
  const quantity = data.quantities[number];
  if (!quantity.curves) {
    const text = document.getElementById("curves-" + number).textContent;
    const steps = new Uint16Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    let start = 0;
    quantity.curves = data.people.map((person, column) => {
      const read = ([lowest, step]) => {
        const part = steps.subarray(start, (start += rowsOf(person).length));
        return Float32Array.from(part, (each) => (each === MISSING ? NaN : lowest + each * step));
      };
      const values = read(quantity.scales[column]);
      const [low, high] = (quantity.bands[column] ?? []).map(read);
      return { values, low, high };
    });
  }
  return quantity.curves;
}

// A person's value in a frame of the recording, NaN where there is none.
export function valueAt(person, values, index) {
  let before = 0;
  for (const [first, last] of person.rows) {
    if (index < first) return NaN;
    if (index <= last) return values[before + index - first];
    before += last - first + 1;
  }
  return NaN;
}
