// The interpreter's calls that may end by a longjmp, which is how MicroPython raises.
//
// Emscripten makes each of them a function of JavaScript with a `try` in it, and the way there and
// back was a quarter of all the processor's time. Here they are functions of a small WebAssembly module,
// and what they throw is one of its tags.

const INTEGER = 0x7f; // i32
const EMPTY = 0x40; // a block without a result
const ROOM = 8192; // functions of an interpreter: it has some 1,500
const TYPE = { NOTHING: 0, SAVE: 1, RESTORE: 2, THREW: 3, MORE: 4 };
const OP = { try: 0x06, catch: 0x07, throw: 0x08, end: 0x0b, indirect: 0x11, get: 0x20, set: 0x21, const: 0x41 };
const PREFIX = "invoke_"; // then the type: of the result, and of each argument
const LONGJMP = "_emscripten_throw_longjmp";
const STACK = [
  ["emscripten_stack_get_current", "stackSave"],
  ["_emscripten_stack_restore", "stackRestore"],
  ["setThrew"],
]; // exports, by the names of newer and of older Emscriptens

// A number as it stands in a module: seven bits a byte.
function leb(number, signed = false) {
  const bytes = [];
  const last = (rest, byte) => (signed ? rest === -(byte >> 6) : rest === 0);
  for (;;) {
    const byte = number & 0x7f;
    number >>= 7;
    if (last(number, byte)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

const list = (items) => [...leb(items.length), ...items.flat()];
const text = (string) => list([...string].map((letter) => letter.charCodeAt(0)));
const section = (id, bytes) => [id, ...list(bytes)];
const types = (letters) => list([...letters].filter((letter) => letter !== "v").map(() => INTEGER));
const type = (result, parameters) => [0x60, ...types(parameters), ...types(result)];
const number = (value) => [OP.const, ...leb(value, true)];
const local = (op, place) => [op, ...leb(place)];
const indirect = (kind) => [OP.indirect, ...leb(kind), 0];

// `invoke_…(index, …)`: calls what has this index, and tells the interpreter where that threw.
function invoke(letters, kind) {
  const [save, restore, threw] = STACK.map((_, i) => ROOM + i);
  const parameters = [...letters].slice(1);
  const sp = parameters.length + 1;
  const result = letters[0] === "v" ? [] : number(0);
  return [
    ...[1, 1, INTEGER], // a local more
    ...[...number(save), ...indirect(TYPE.SAVE), ...local(OP.set, sp)],
    ...[OP.try, letters[0] === "v" ? EMPTY : INTEGER],
    ...parameters.flatMap((_, i) => local(OP.get, i + 1)),
    ...[...local(OP.get, 0), ...indirect(kind)],
    ...[OP.catch, 0],
    ...[...local(OP.get, sp), ...number(restore), ...indirect(TYPE.RESTORE)],
    ...[...number(1), ...number(0), ...number(threw), ...indirect(TYPE.THREW)],
    ...[...result, OP.end, OP.end],
  ];
}

function source(invokes) {
  const signatures = invokes.map((name) => name.slice(PREFIX.length));
  const kinds = signatures.map((_, i) => TYPE.MORE + 2 * i);
  const called = signatures.flatMap((letters) => {
    const [result, ...parameters] = letters;
    return [type(result, parameters.join("")), type(result, `i${parameters.join("")}`)];
  });
  const bodies = [[0, OP.throw, 0, OP.end], ...signatures.map((letters, i) => invoke(letters, kinds[i]))];
  const names = [LONGJMP, ...invokes];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([type("v", ""), type("i", ""), type("v", "i"), type("v", "ii"), ...called])),
    ...section(3, list([leb(TYPE.NOTHING), ...kinds.map((kind) => leb(kind + 1))])),
    ...section(4, list([[0x70, 0, ...leb(ROOM + STACK.length)]])),
    ...section(13, list([[0, TYPE.NOTHING]])),
    ...section(7, list([[...text("table"), 1, 0], ...names.map((name, i) => [...text(name), 0, ...leb(i)])])),
    ...section(10, list(bodies.map((body) => list(body)))),
  ]);
}

let compiled = null; // one for all: a process has interpreters of one release only

// Puts these functions among what an interpreter imports. What it returns is to be called with
// what that exports.
export function protectCalls(imports) {
  const names = Object.keys(imports).filter((name) => name.startsWith(PREFIX));
  compiled ??= new WebAssembly.Module(source(names));
  const { table, ...calls } = new WebAssembly.Instance(compiled).exports;
  Object.assign(imports, calls);
  return (exports) => {
    const functions = exports.__indirect_function_table;
    for (let i = 0; i < functions.length; i++) table.set(i, functions.get(i));
    STACK.forEach((known, i) => table.set(ROOM + i, exports[known.find((name) => exports[name])]));
  };
}
