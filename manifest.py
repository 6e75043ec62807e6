# Freezes the driver into a firmware: named by the manifest.py of a board, with
#
#     include("…/manifest.py")                   the path of this file
#     include("…/manifest.py", dialect="bg95")   one dialect alone: see tools/package --help
#     include("…/manifest.py", opt=0)            with line numbers and asserts
#
# or, where the checkout's folder is called quectel, with add_library() and require("quectel", …).
# ruff: noqa: F821

import runpy

# There is no metadata(version=…): the build would write that version into every file.
options.defaults(dialect=None, opt=3)
_files = runpy.run_path("tools/manifest.py")["files"](options.dialect)
package(
    "quectel",
    files=[file[len("quectel/") :] for file in _files],
    base_path="lib",
    opt=options.opt,
)
