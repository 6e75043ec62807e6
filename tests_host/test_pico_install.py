"""From a fresh board to a first packet: mpremote itself, on an emulated Pico, in real time."""

import contextlib
import functools
import hashlib
import http.server
import json
import re
import subprocess
import sys
import threading

import end_to_end
import pico_boards
from interpreters import TOP
from test_first_program import PAGE, web_server
from tools.pico import emulated, image

PROGRAM = TOP / "boards" / "rp2" / "first_program.py"
README = (TOP / "README.md").read_text(encoding="utf-8")
PATH = README.split("\n## From nothing to a first packet\n")[1].split("\n## ")[0]
COMMANDS = re.findall(r"^    (mpremote .+)$", PATH, re.M)

# Prints how many files a folder has, and a digest of their paths and contents.
DIGEST = """
import binascii, hashlib, os
def add(path):
    count = 0
    for name, kind, *_ in sorted(os.ilistdir(path)):
        if kind & 0x4000:
            count += add(path + "/" + name)
        else:
            h.update(path + "/" + name)
            with open(path + "/" + name, "rb") as file:
                while True:
                    data = file.read(512)
                    if not data:
                        break
                    h.update(data)
            count += 1
    return count
h = hashlib.sha256()
print(add("/lib"), binascii.hexlify(h.digest()).decode())
"""

pytestmark = pico_boards.needed


def digest(files):
    """What DIGEST prints for {path: bytes}."""
    h = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.split("/")):
        h.update(path.encode() + files[path])
    return "%d %s" % (len(files), h.hexdigest())


@contextlib.contextmanager
def fresh_board(path, **files):
    """A board at a module that knows example.com, with an empty file system or with files."""
    pico_boards.flash(path, **files)
    with web_server() as port:
        host = "example.com=127.0.0.1:%d" % port
        with end_to_end.module("unix", "--host", host) as module:
            with emulated.board(path, uart1=module.modem.partition(":")[2]) as board:
                yield board


def check_page(printed):
    lines = printed.split("\n")
    assert lines[0].startswith("HTTP/1.0 200"), printed
    assert [line for line in lines if line.strip()][-1] == PAGE.decode().strip(), printed


def test_the_path_of_the_readme(tmp_path):
    """Its commands as they stand there, on a board on which nothing is but MicroPython."""
    install, first = COMMANDS
    with fresh_board(tmp_path / "flash.img") as board:
        pico_boards.type_command(board.repl, install)
        check_page(pico_boards.type_command(board.repl, first))
        said = pico_boards.mpremote(board.repl, "exec", DIGEST)
    urls = json.loads((TOP / "package.json").read_text())["urls"]
    package = {"/lib/" + target: (TOP / source).read_bytes() for target, source in urls}
    assert said.strip() == digest(package)


def test_the_readme_shows_that_program():
    shown = PATH.split("```python\n")[1].split("```")[0]
    assert PROGRAM.read_text(encoding="utf-8").split('"""\n\n', 1)[1] == shown


@contextlib.contextmanager
def served(folder):
    """A web server with the files of a folder; yields its address."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield "http://127.0.0.1:%d" % server.server_address[1]
        server.shutdown()
        thread.join()


def test_compiled_from_a_server(tmp_path):
    words = [sys.executable, TOP / "tools" / "package", tmp_path / "package", "--dialect", "bg95"]
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
    with served(tmp_path / "package") as address, fresh_board(tmp_path / "flash.img") as board:
        pico_boards.mpremote(board.repl, "mip", "install", address + "/package.json")
        check_page(pico_boards.mpremote(board.repl, "run", str(PROGRAM)))
        said = pico_boards.mpremote(board.repl, "exec", DIGEST)
    assert said.strip() == digest(image.tree(tmp_path / "package" / "lib", "/lib/"))


def test_from_a_flash_image(tmp_path):
    """The driver and the program as main.py are in the flash memory at power-up."""
    main = PROGRAM.read_bytes() + b"\nprint('done')\n"
    with fresh_board(tmp_path / "flash.img", files={"main.py": main}, driver=True) as board:
        check_page("\n".join(board.wait_for("done")))
