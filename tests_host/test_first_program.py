"""The first program of boards/unix fetches its page, on every interpreter."""

import contextlib
import http.server
import threading

import interpreters
from virtual_module import virtual_module

PAGE = b"<p>hello from the other side</p>\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *words):
        """Say nothing: pytest's output is for the tests."""


@contextlib.contextmanager
def web_server():
    """A server on a free port of loopback; yields the port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def fetch(interpreter, **env):
    with web_server() as port:
        host = "example.com=127.0.0.1:%d" % port
        with virtual_module("bg95", interpreter, "--host", host) as modem:
            env["MODEM"] = modem
            return interpreters.run_program(
                interpreter, interpreters.BOARD / "main.py", env=env, timeout=600
            )


def check(done):
    lines = done.stdout.splitlines()
    assert lines[:1] and lines[0].startswith("address: "), done.stdout
    assert lines[1].startswith("HTTP/1.0 200")
    assert lines[-1] == PAGE.decode().strip()
    assert done.returncode == 0


def test_with_its_class_named(interpreter):
    check(fetch(interpreter, MODULE="BG95S5"))


def test_with_the_module_asked(interpreter):
    check(fetch(interpreter))
