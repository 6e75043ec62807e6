// Standard output of the interpreter, which comes byte by byte: written a line at a time. Before
// MicroPython 1.23 it came as lines of text.

import fs from "node:fs";

export class Output {
  #fd;
  #pending = [];

  constructor(fd) {
    this.#fd = fd;
  }

  write(data) {
    const bytes = typeof data === "string" ? Buffer.from(data + "\n") : data;
    for (const byte of bytes) {
      this.#pending.push(byte);
      if (byte === 10) this.flush();
    }
  }

  flush() {
    let rest = Buffer.from(this.#pending);
    this.#pending = [];
    while (rest.length) {
      try {
        rest = rest.subarray(fs.writeSync(this.#fd, rest));
      } catch (error) {
        // A pipe whose reader is slow: nothing else can run here, so try until it takes more.
        if (error.code !== "EAGAIN") throw error;
      }
    }
  }
}
