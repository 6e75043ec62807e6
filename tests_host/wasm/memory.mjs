// The interpreter's memory, which its package does not hand out: noted when it is created.
//
// With it, an address from uctypes.addressof() is a place that JavaScript can read and write,
// and bytes cross over without an object being made on either side.

// Every call that may raise goes through JavaScript, which asks the table for the function each
// time: a quarter of the whole time, where the table itself is asked.
function remember(table) {
  const known = new Array(table.length);
  const get = table.get.bind(table);
  const set = table.set.bind(table);
  table.get = (at) => known[at] ?? (known[at] = get(at));
  table.set = (at, value) => {
    set(at, value);
    known[at] = undefined;
  };
}

export function captureMemory() {
  const found = { object: null, view: null };
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...args) => {
    const result = await instantiate(...args);
    const instance = result.instance ?? result;
    for (const value of Object.values(instance.exports)) {
      if (value instanceof WebAssembly.Memory) found.object = value;
      if (value instanceof WebAssembly.Table) remember(value);
    }
    WebAssembly.instantiate = instantiate;
    return result;
  };
  return {
    // Growth of the memory detaches the old buffer: then make a new view.
    bytes() {
      if (found.view === null || found.view.buffer !== found.object.buffer) {
        found.view = new Uint8Array(found.object.buffer);
      }
      return found.view;
    },
  };
}
