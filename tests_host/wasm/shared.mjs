// What line.mjs and reader.mjs share: numbers of 32 bits, then a ring of SIZE bytes.

export const SIZE = 16384;
export const WRITTEN = 0; // bytes that have come, …
export const READ = 1; // … and that the interpreter has taken, modulo 2**32
export const GONE = 2;
