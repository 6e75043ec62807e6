// The modem's line for board.py: a terminal, read and written without waiting.
//
// Only numbers cross over: addresses in the interpreter's memory and counts. So a call from
// Python allocates nothing there. The functions return -1 once the line is gone.

import fs from "node:fs";

const SIZE = 16384;
const FLAGS = fs.constants.O_RDWR | fs.constants.O_NOCTTY | fs.constants.O_NONBLOCK;

class Line {
  #fd = -1;
  #memory;
  #buffer = Buffer.alloc(SIZE);
  #start = 0;
  #end = 0;
  #gone = false;

  constructor(memory) {
    this.#memory = memory;
  }

  open(device) {
    this.#fd = fs.openSync(device, FLAGS);
  }

  #fill() {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end === SIZE || this.#gone) return;
    try {
      const n = fs.readSync(this.#fd, this.#buffer, this.#end, SIZE - this.#end, null);
      if (n === 0) this.#gone = true;
      this.#end += n;
    } catch (error) {
      // A terminal whose other end was closed answers EIO.
      if (error.code !== "EAGAIN") this.#gone = true;
    }
  }

  any() {
    this.#fill();
    const n = this.#end - this.#start;
    return n === 0 && this.#gone ? -1 : n;
  }

  read(address, count) {
    const n = Math.min(this.any(), count);
    if (n <= 0) return n;
    this.#memory.bytes().set(this.#buffer.subarray(this.#start, this.#start + n), address);
    this.#start += n;
    return n;
  }

  write(address, count) {
    try {
      const bytes = this.#memory.bytes().subarray(address, address + count);
      return fs.writeSync(this.#fd, bytes);
    } catch (error) {
      return error.code === "EAGAIN" ? 0 : -1;
    }
  }
}

export function attachLine(global, memory, env) {
  const line = new Line(memory);
  global.modemEnv = (name) => env[name] ?? "";
  global.modemOpen = (device) => line.open(device);
  global.modemAny = () => line.any();
  global.modemRead = (address, count) => line.read(address, count);
  global.modemWrite = (address, count) => line.write(address, count);
}
