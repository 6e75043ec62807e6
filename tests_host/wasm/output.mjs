// Standard output of the interpreter, which comes byte by byte: written a line at a time.

import fs from "node:fs";

export class Output {
  #fd;
  #pending = [];

  constructor(fd) {
    this.#fd = fd;
  }

  write(bytes) {
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
