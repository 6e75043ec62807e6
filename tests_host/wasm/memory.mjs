// The interpreter as it is created: its calls are made quick (calls.mjs), and its memory is noted, which
// its package does not hand out.
//
// With it, an address from uctypes.addressof() is a place that JavaScript can read and write,
// and bytes cross over without an object being made on either side.

import { protectCalls } from "./calls.mjs";

export function captureInterpreter() {
  const found = { object: null, view: null };
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (binary, imports) => {
    const connect = protectCalls(imports.env);
    const result = await instantiate(binary, imports);
    const { exports } = result.instance;
    connect(exports);
    found.object = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
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
