"""mosquitto and nginx on loopback, each with a configuration and ports of its own.

They can take no port by themselves (port 0), so free ones are looked for, and others if somebody
was faster.
"""

import contextlib
import os
import re
import socket
import subprocess
import threading

import others
import trustme

_ATTEMPTS = 5


def _free_ports(count):
    """Ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


class Daemon:
    """A server that stays in the foreground and tells on its standard error what it does."""

    def __init__(self, words, ready):
        """Start it, and wait for a line with `ready` in it; RuntimeError if it ends before."""
        self._news = threading.Condition()
        self._lines = []
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.wait_for(ready)
        except RuntimeError:
            self.stop()
            raise

    def _read(self):
        for line in self._process.stderr:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._lines.append(None)  # the end
            self._news.notify_all()

    def _has(self, pattern):
        return any(line and re.search(pattern, line) for line in self._lines)

    def wait_for(self, pattern):
        """Wait until it has said something like this; RuntimeError if it ends before."""
        with self._news:
            over = self._news.wait_for(
                lambda: self._has(pattern) or None in self._lines, timeout=600
            )
            if not over or not self._has(pattern):
                raise RuntimeError("never said %r:\n%s" % (pattern, self.said()))

    def said(self):
        """Everything it said until now."""
        return "".join(line for line in self._lines if line)

    def stop(self):
        """End it in its own orderly way."""
        self._process.terminate()
        self._process.wait(600)
        self._reader.join()
        self._process.stderr.close()


def _started(configure, count, start):
    """configure(ports), then start(): again with other ports while one is taken."""
    for attempt in range(_ATTEMPTS):
        ports = _free_ports(count)
        configure(*ports)
        try:
            return start(), ports
        except RuntimeError as e:
            if attempt == _ATTEMPTS - 1 or "already in use" not in str(e):
                raise
    raise AssertionError


# Only root may choose the user; for anybody else the line means nothing.
_BROKER = """\
listener %d 127.0.0.1
allow_anonymous true
persistence true
persistence_location %s/
log_dest stderr
log_type all
user root
"""


class Broker:
    """A mosquitto; what its clients subscribed to outlives a restart."""

    def __init__(self, folder):
        self._folder = folder
        self._command = others.command("mosquitto")
        self._file = folder / "mosquitto.conf"
        self._daemon, _ = _started(self._configure, 1, self._start)

    def _configure(self, port):
        self.port = port
        self._file.write_text(_BROKER % (port, self._folder))

    def _start(self):
        words = [self._command, "-c", str(self._file)]
        daemon = Daemon(words, r"mosquitto version \S+ running")
        # It says so a little too early: until its loop runs it would miss being told to end.
        with socket.create_connection(("127.0.0.1", self.port)):
            daemon.wait_for(r"New connection from")
        return daemon

    def said(self):
        """What the broker logged since its last start: all of it once it has been stopped."""
        return self._daemon.said()

    def stop(self):
        """End it; its clients' connections break."""
        self._daemon.stop()

    def start(self):
        """Start it again, on the same port."""
        self._daemon = self._start()


@contextlib.contextmanager
def broker(folder):
    """A running Broker with its files in this folder."""
    running = Broker(folder)
    try:
        yield running
    finally:
        running.stop()


_WEB = """\
daemon off;
worker_processes 1;
pid %(folder)s/nginx.pid;
error_log stderr notice;
%(user)s
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    server {
        listen 127.0.0.1:%(http)d;
        listen 127.0.0.1:%(https)d ssl;
        ssl_certificate %(folder)s/chain.pem;
        ssl_certificate_key %(folder)s/key.pem;
        root %(folder)s/pages;
        location = /moved { return 302 $scheme://$host/page.txt; }
        # The body is in $request_body only once it has been read to be passed on.
        location = /post {
            proxy_pass http://127.0.0.1:%(http)d/posted;
            proxy_set_header X-Said "$request_method $scheme $content_type|$request_body";
        }
        location = /posted { return 200 "$http_x_said"; }
    }
}
"""


class Web:
    """An nginx with a page over HTTP and HTTPS; `pages` is its folder."""

    def __init__(self, folder, name):
        self.pages = folder / "pages"
        self.pages.mkdir()
        self._folder = folder
        authority = trustme.CA()
        certificate = authority.issue_cert(name)
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        (folder / "chain.pem").write_bytes(chain)
        self.authority = authority.cert_pem.bytes()
        self._command = others.command("nginx")
        self._file = folder / "nginx.conf"
        self._daemon, (self.http, self.https) = _started(self._configure, 2, self._start)

    def _configure(self, http, https):
        user = "user root;" if os.geteuid() == 0 else ""
        words = {"folder": self._folder, "user": user, "http": http, "https": https}
        self._file.write_text(_WEB % words)

    def _start(self):
        words = [self._command, "-e", "stderr", "-p", str(self._folder), "-c", str(self._file)]
        return Daemon(words, r"start worker process \d+")

    def stop(self):
        """End it."""
        self._daemon.stop()


@contextlib.contextmanager
def web(folder, name):
    """A running Web whose certificate is for `name`, with its files in this folder."""
    running = Web(folder, name)
    try:
        yield running
    finally:
        running.stop()
