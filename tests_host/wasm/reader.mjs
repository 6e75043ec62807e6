// Reads the modem's line beside the interpreter, whose thread never comes back to an event loop.
//
// What came lies in shared memory, and whoever waits for it is woken.

import tty from "node:tty";
import { parentPort } from "node:worker_threads";
import { GONE, READ, SIZE, WRITTEN } from "./shared.mjs";

let lines = [];

// Both counts go on for ever, modulo 2**32; SIZE is a power of two.
function keep(state, ring, data) {
  let at = 0;
  while (at < data.length && Atomics.load(state, GONE) === 0) {
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

function end(state) {
  Atomics.store(state, GONE, 1);
  Atomics.notify(state, WRITTEN);
}

function read(fd, shared) {
  const state = new Int32Array(shared, 0, GONE + 1);
  const ring = new Uint8Array(shared, state.byteLength, SIZE);
  const line = new tty.ReadStream(fd);
  line.on("data", (data) => keep(state, ring, data));
  line.on("end", () => end(state));
  line.on("error", () => end(state)); // a terminal whose other end was closed answers EIO
  lines.push(line);
}

function closed(line) {
  return new Promise((done) => (line.closed ? done() : line.on("close", done).destroy()));
}

// A line to read, or nothing: then all are closed, and that is answered.
parentPort.on("message", async (asked) => {
  if (asked) return read(asked.fd, asked.shared);
  await Promise.all(lines.map(closed));
  lines = [];
  parentPort.postMessage("closed");
});
