"""A recording HTTP proxy in front of argocd-server, which can also misbehave.

    with Proxy() as proxy:
        …                                   # a client is told --server=proxy.address --plaintext
        assert proxy.posts() == []
        proxy.fault(lost_answer, "POST", "/sync", times=1)

Every request is passed on and its answer passed back, the watch's byte by byte; `requests` has them in
the order in which they came. A fault is a function of the `Exchange`; the first rule that matches a
request decides over it.
"""
import http.client
import select
import socket
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVER = ("127.0.0.1", 8080)
CONNECTION_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Request:
    method: str
    path: str                  # without the query
    query: dict                # name -> list of values
    body: bytes
    has_token: bool = False
    at: float = field(default_factory=time.time)
    status: int = 0            # 0: not answered (yet)

    def __str__(self):
        seconds = time.strftime("%H:%M:%S", time.localtime(self.at)) + f".{int(self.at % 1 * 10)}"
        query = "?" + urllib.parse.urlencode(self.query, doseq=True) if self.query else ""
        return f"{seconds} {self.method:4} {self.status or '-':3} {self.path}{query}"

    @property
    def is_refresh(self):
        return "refresh" in self.query

    @property
    def app(self):
        """The Application that it is about, or None."""
        parts = self.path.split("/")
        return parts[4] if parts[:4] == ["", "api", "v1", "applications"] and len(parts) > 4 else None


class Proxy:
    def __init__(self, upstream=SERVER):
        self.upstream = upstream
        self.requests = []
        self._rules = []
        self._lock = threading.Lock()
        self._streams = set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.address = "127.0.0.1:%d" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self.cut_streams()

    # what came

    def posts(self):
        """What would change something: everything that is no GET. (To ask an ApplicationSet what it
        generates is a POST, and changes nothing.)"""
        return [request for request in self.requests
                if request.method != "GET" and not request.path.endswith("/applicationsets/generate")]

    def refreshes(self, app=None):
        return [request for request in self.requests
                if request.is_refresh and app in (None, request.app)]

    def forget(self):
        """What came until now isn't in `requests` any more."""
        self.requests.clear()

    def transcript(self):
        return "\n".join(map(str, self.requests))

    # misbehaving

    def fault(self, action, method=None, path="", times=None):
        """From now on `action` decides over requests of this method whose path contains `path`."""
        with self._lock:
            self._rules.append([action, method, path, times])
        return self

    def heal(self):
        with self._lock:
            self._rules.clear()

    def cut_streams(self):
        """Breaks every watch off in the middle."""
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            _shut(stream)

    def _record(self, request):
        """Keeps a request; answers what is to be done with it."""
        with self._lock:
            self.requests.append(request)
            for rule in self._rules:
                action, method, path, times = rule
                if method in (None, request.method) and path in request.path and times != 0:
                    rule[3] = times and times - 1
                    return action
        return passed_on


# --- faults ---------------------------------------------------------------------------------------

def passed_on(exchange):
    exchange.reply(*exchange.forward())


def lost_answer(exchange):
    """The server gets it, the client never hears of that."""
    exchange.forward()
    exchange.hang_up()


def truncated(exchange):
    """Half of an answer that says how long it is."""
    status, headers, body = exchange.forward()
    exchange.reply(status, headers, body[:len(body) // 2], length=len(body))
    exchange.hang_up()


def answered(status, body=b"", **headers):
    """Without asking the server. A header's name is written with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.reply(status, named, body)


def delayed(seconds):
    def action(exchange):
        time.sleep(seconds)
        passed_on(exchange)
    return action


html = answered(200, b"<html><body>Please log in</body></html>", Content_Type="text/html")
unavailable = answered(503, b"no healthy upstream", Content_Type="text/plain")
unauthorized = answered(401, b'{"error":"invalid session: token has been revoked","code":16,'
                        b'"message":"invalid session: token has been revoked"}',
                        Content_Type="application/json")


# --- the server -----------------------------------------------------------------------------------

class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is nothing to write about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def _handle(self):
        proxy = self.server.proxy
        url = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, url.path, urllib.parse.parse_qs(url.query, True),
                          self.rfile.read(length), "Authorization" in self.headers)
        action = proxy._record(request)
        exchange = Exchange(self, request, proxy)
        try:
            if action is passed_on and "/stream/" in url.path:
                exchange.relay()
            else:
                action(exchange)
        except (OSError, http.client.HTTPException):
            exchange.hang_up()          # the server is away: no answer is the answer

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle


class Exchange:
    """One request and its answer, in the hands of a fault."""

    def __init__(self, handler, request, proxy):
        self.handler, self.request, self.proxy = handler, request, proxy

    def forward(self):
        """The server's own answer: status, headers, body."""
        connection = http.client.HTTPConnection(*self.proxy.upstream, timeout=120)
        try:
            connection.request(self.request.method, self.handler.path, self.request.body or None,
                               self._headers())
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def _headers(self):
        return {name: value for name, value in self.handler.headers.items()
                if name.lower() not in CONNECTION_HEADERS}

    def reply(self, status, headers, body, length=None):
        handler = self.handler
        self.request.status = status
        handler.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in CONNECTION_HEADERS:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    def hang_up(self):
        self.handler.close_connection = True
        _shut(self.handler.connection)

    def relay(self):
        """A stream: bytes as they come, until one of the two ends it."""
        server, client = socket.create_connection(self.proxy.upstream, 10), self.handler.connection
        self.handler.close_connection = True
        with self.proxy._lock:
            self.proxy._streams.add(server)
        try:
            headers = {**self._headers(), "Connection": "close"}
            lines = [f"{self.request.method} {self.handler.path} HTTP/1.1",
                     *(f"{name}: {value}" for name, value in headers.items())]
            server.settimeout(None)
            server.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            self._copy(server, client)
        finally:
            with self.proxy._lock:
                self.proxy._streams.discard(server)
            server.close()

    def _copy(self, server, client):
        while True:
            readable, _, _ = select.select([server, client], [], [])
            data = server.recv(65536) if server in readable else b""
            if not data:                # the server's end, or the client went away
                return
            if not self.request.status:
                self.request.status = int(data.split(b" ", 2)[1])
            client.sendall(data)


def _shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
