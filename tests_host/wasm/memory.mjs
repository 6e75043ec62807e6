// The interpreter's memory, which its package does not hand out: noted when it is created, and its
// calls are made quick (see calls.mjs).
//
// With it, an address from uctypes.addressof() is a place that JavaScript can read and write,
// and bytes cross over without an object being made on either side.

import { protectCalls } from "./calls.mjs";

export function captureMemory() {
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
