"""The page that is fetched, and the server that has it."""

import hashlib
import http.server
import random
import threading

SIZE = 128 * 1024
_FRONT = 12  # lines at /
_WORDS = "a module on a wire carries every byte of this page once and in order".split()


def text():
    """SIZE bytes of numbered lines, always the same."""
    pick = random.Random(1)
    lines = []
    length = 0
    while length < SIZE:
        words = " ".join(pick.choice(_WORDS) for _ in range(12))
        lines.append("%06d %s\n" % (len(lines) + 1, words))
        length += len(lines[-1])
    return "".join(lines).encode()[:SIZE]


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = self.server.page
        if self.path == "/":
            page = b"".join(page.splitlines(keepends=True)[:_FRONT])
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        """The view tells what happens."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    page = b""

    def handle_error(self, request, client_address):
        """A client that goes away early is told of by the program's own end."""


class PageServer:
    """A context in which a local server has the page at every path, and its first lines at /.
    `sha256` is that of the page; with `damage`, one byte of what is served differs."""

    def __init__(self, damage=False):
        page = text()
        self.sha256 = hashlib.sha256(page).hexdigest()
        self.size = len(page)
        if damage:
            middle = len(page) // 2
            page = page[:middle] + bytes([page[middle] ^ 1]) + page[middle + 1 :]
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.page = page
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.daemon = True

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
