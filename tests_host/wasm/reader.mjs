// Reads the modem's line beside the interpreter, whose thread never comes back to an event loop.
//
// What came lies in shared memory, and whoever waits for it is woken.

import tty from "node:tty";
import { workerData } from "node:worker_threads";
import { GONE, READ, SIZE, WRITTEN } from "./shared.mjs";

const state = new Int32Array(workerData.shared, 0, GONE + 1);
const ring = new Uint8Array(workerData.shared, state.byteLength, SIZE);

// Both counts go on for ever, modulo 2**32; SIZE is a power of two.
function keep(data) {
  let at = 0;
  while (at < data.length) {
    const read = Atomics.load(state, READ);
    const written = Atomics.load(state, WRITTEN);
    const start = written & (SIZE - 1);
    const room = SIZE - ((written - read) | 0);
    const count = Math.min(data.length - at, room, SIZE - start);
    if (count === 0) {
      Atomics.wait(state, READ, read); // the rest waits in the system
      continue;
    }
    ring.set(data.subarray(at, at + count), start);
    at += count;
    Atomics.store(state, WRITTEN, (written + count) | 0);
    Atomics.notify(state, WRITTEN);
  }
}

function end() {
  Atomics.store(state, GONE, 1);
  Atomics.notify(state, WRITTEN);
}

const line = new tty.ReadStream(workerData.fd);
line.on("data", keep);
line.on("end", end);
line.on("error", end); // a terminal whose other end was closed answers EIO
