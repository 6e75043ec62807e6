// The modem's line for board.py: a terminal, read and written without waiting.
//
// Only numbers cross over: addresses in the interpreter's memory and counts. So a call from
// Python allocates nothing there. The functions return -1 once the line is gone.
//
// Who looks again and again would keep the processor from the module that he waits for. So a
// second look in vain waits for the line a little, and so does a short sleep; the longer the line
// is silent, the longer.

import { once } from "node:events";
import fs from "node:fs";
import { Worker } from "node:worker_threads";
import { GONE, READ, SIZE, WRITTEN } from "./shared.mjs";

const FLAGS = fs.constants.O_RDWR | fs.constants.O_NOCTTY | fs.constants.O_NONBLOCK;
const NAP = 1; // ms: a sleep up to this may end when something comes, …
const MOST = 5; // … and may last so long where nothing does

// One thread reads for all programs that run in this process.
let reader = null;

class Line {
  #fds = [];
  #memory;
  #state = new Int32Array(new SharedArrayBuffer((GONE + 1) * 4 + SIZE), 0, GONE + 1);
  #ring = new Uint8Array(this.#state.buffer, this.#state.byteLength, SIZE);
  #vain = 0; // waits since something last moved

  constructor(memory) {
    this.#memory = memory;
  }

  open(device) {
    const fd = fs.openSync(device, FLAGS);
    this.#fds.push(fd);
    reader ??= new Worker(new URL("./reader.mjs", import.meta.url));
    reader.postMessage({ fd, shared: this.#state.buffer });
  }

  // The reader is done with the line, too, when this has happened.
  async close() {
    if (this.#fds.length === 0) return;
    Atomics.store(this.#state, GONE, 1);
    Atomics.store(this.#state, READ, Atomics.load(this.#state, WRITTEN)); // it may wait for room
    Atomics.notify(this.#state, READ);
    reader.postMessage(null);
    await once(reader, "message");
    for (const fd of this.#fds) fs.closeSync(fd);
  }

  #there() {
    return (Atomics.load(this.#state, WRITTEN) - this.#state[READ]) | 0;
  }

  // Waits until something comes, at most `least` ms or as long as the silence allows.
  wait(least) {
    const written = Atomics.load(this.#state, WRITTEN);
    if (written !== this.#state[READ]) return;
    this.#vain += 1;
    const most = Math.max(least, Math.min(this.#vain / 8, MOST));
    Atomics.wait(this.#state, WRITTEN, written, most);
  }

  sleep(ms) {
    if (ms <= NAP) this.wait(ms);
    else Atomics.wait(nobody, 0, 0, ms);
  }

  any() {
    let n = this.#there();
    if (n === 0 && Atomics.load(this.#state, GONE) === 0) {
      if (this.#vain) this.wait(NAP);
      else this.#vain = 1;
      n = this.#there();
    }
    if (n) this.#vain = 0;
    else if (Atomics.load(this.#state, GONE)) return this.#there() || -1;
    return n;
  }

  read(address, count) {
    const n = Math.min(this.any(), count);
    if (n <= 0) return n;
    const at = this.#state[READ];
    const start = at & (SIZE - 1);
    const first = Math.min(n, SIZE - start);
    const bytes = this.#memory.bytes();
    bytes.set(this.#ring.subarray(start, start + first), address);
    bytes.set(this.#ring.subarray(0, n - first), address + first);
    Atomics.store(this.#state, READ, (at + n) | 0);
    Atomics.notify(this.#state, READ);
    return n;
  }

  write(address, count) {
    this.#vain = 0;
    try {
      const bytes = this.#memory.bytes().subarray(address, address + count);
      return fs.writeSync(this.#fds.at(-1), bytes);
    } catch (error) {
      return error.code === "EAGAIN" ? 0 : -1;
    }
  }
}

const nobody = new Int32Array(new SharedArrayBuffer(4));

// Returns the function that closes the line, if the program has opened it.
export function attachLine(global, memory, env) {
  const line = new Line(memory);
  global.boardSleep = (us) => line.sleep(us / 1000);
  global.modemEnv = (name) => env[name] ?? "";
  global.modemOpen = (device) => line.open(device);
  global.modemAny = () => line.any();
  global.modemRead = (address, count) => line.read(address, count);
  global.modemWrite = (address, count) => line.write(address, count);
  return () => line.close();
}
