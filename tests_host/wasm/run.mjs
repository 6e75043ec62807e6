// Runs one Python program in MicroPython's WebAssembly port.
//
//     node run.mjs '{"interpreter": …, "heapsize": …, "folders": […], "path": […],
//                    "program": …, "argv": […], "env": {…}}'
//
// The .py files of `folders` are put into the interpreter's own file system under the names
// they have here, so that a traceback names real files.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { attachLine } from "./line.mjs";
import { captureInterpreter } from "./memory.mjs";
import { Output } from "./output.mjs";

function* pythonFiles(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "__pycache__") continue;
    if (entry.isDirectory()) yield* pythonFiles(full);
    else if (/\.(py|mpy|txt|json)$/.test(entry.name)) yield full;
  }
}

function mount(FS, folders) {
  const made = new Set();
  for (const folder of folders) {
    if (made.has(folder) || !fs.existsSync(folder)) continue; // it may lie within one before it
    for (const file of pythonFiles(folder)) {
      const parent = path.dirname(file);
      if (!made.has(parent)) FS.mkdirTree(parent);
      made.add(parent);
      FS.writeFile(file, fs.readFileSync(file), { canOwn: true });
    }
  }
}

// Leaves the program's exit code in a global: an exception would lose it on its way here.
const START = `
import js, json, sys
_start = json.loads(js._startText)
sys.path[:] = _start["path"]
sys.argv[:] = [_start["program"]] + _start["argv"]
js._exitCode = 1
try:
    with open(_start["program"]) as _file:
        exec(compile(_file.read(), _start["program"], "exec"), {"__name__": "__main__"})
    js._exitCode = 0
except SystemExit as _stop:
    _code = _stop.args[0] if _stop.args else 0
    js._exitCode = _code if isinstance(_code, int) else 1
    if isinstance(_code, str):
        print(_code)
    if _code is None:
        js._exitCode = 0
except BaseException as _error:
    sys.print_exception(_error)
`;

// The interpreter's ticks are those of Date.now(). A clock that is set must not end a time-out.
const begun = Date.now() - performance.now();
Date.now = () => Math.floor(begun + performance.now());

// Runs a program in an interpreter of its own; returns its exit code.
export async function play(config, output) {
  const memory = captureInterpreter();
  const { loadMicroPython } = await import(pathToFileURL(config.interpreter).href);
  const python = await loadMicroPython({
    heapsize: config.heapsize,
    url: config.interpreter.replace(/mjs$/, "wasm"), // it was looked for in the working directory
    // In words. The default would bound recursion more tightly than a microcontroller's stack.
    pystack: 4096,
    linebuffer: false,
    stdout: (bytes) => output.write(bytes),
    stderr: (bytes) => output.write(bytes),
  });
  mount(python.FS, config.folders);
  Error.stackTraceLimit = 0; // an import looks for names that are no file, and each is such an error
  const closeLine = attachLine(globalThis, memory, config.env ?? {});
  globalThis._startText = JSON.stringify(config);
  try {
    python.runPython(START);
  } finally {
    output.flush();
  }
  await closeLine();
  return globalThis._exitCode;
}

if (process.argv[2]) {
  process.exit(await play(JSON.parse(process.argv[2]), new Output(1)));
}
