// Runs a Python program in MicroPython's WebAssembly port a step at a time.
//
//     node stepwise.mjs '{"interpreter": …, "folders": […], "program": …, "argv": […]}'
//
// This port collects garbage only when no Python runs, whatever gc.collect() is asked before. So
// the program leaves a generator in its global `moments`, and after each step of it the heap is
// collected and what is left is told to its global `note`.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const config = JSON.parse(process.argv[2]);

function mount(FS, folder) {
  FS.mkdirTree(folder);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) mount(FS, full);
    else if (/\.(py|mpy|json)$/.test(entry.name)) FS.writeFile(full, fs.readFileSync(full));
  }
}

const { loadMicroPython } = await import(pathToFileURL(config.interpreter).href);
const python = await loadMicroPython({ heapsize: 4 << 20, pystack: 4096, linebuffer: true });
for (const folder of config.folders) mount(python.FS, folder);
globalThis._config = JSON.stringify(config);
python.runPython(`
import gc, js, json, sys
_config = json.loads(js._config)
sys.path[:] = _config["folders"] + [".frozen"]
sys.argv[:] = [_config["program"]] + _config["argv"]
with open(_config["program"]) as _file:
    exec(compile(_file.read(), _config["program"], "exec"))
del _file, _config
`);
globalThis._over = false;
while (!globalThis._over) {
  python.runPython("gc.collect()");
  python.runPython("note(gc.mem_alloc())");
  python.runPython("js._over = next(moments, None) is None");
}
