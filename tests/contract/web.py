"""HTTP as a case speaks it, the same to both sides: answers as they are, watches that collect."""
import array
import codecs
import fcntl
import http.client
import json
import socket
import termios
import threading
import time

from testbed.fleet import until


class Answer:
    """`status`, `content_type`, `text`; `json` is the parsed body, or None where it is no JSON."""

    def __init__(self, status, content_type, text):
        self.status, self.content_type, self.text = status, content_type, text
        try:
            self.json = json.loads(text)
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"{self.status} {self.content_type} {self.text[:400]}"

    @property
    def refusal(self):
        """How it was refused: HTTP status, grpc code, message; the text where it is no JSON."""
        if isinstance(self.json, dict):
            return {"status": self.status, "code": self.json.get("code"),
                    "message": self.json.get("message")}
        return {"status": self.status, "text": self.text.strip()}


def ask(address, method, path, body=None, headers=None, timeout=90):
    """One request on a connection of its own. A body that is no text is sent as JSON."""
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, path, body=data, headers=headers or {})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        return Answer(answer.status, answer.getheader("Content-Type") or "", text)
    finally:
        connection.close()


def ask_and_leave(address, method, path, body, headers, after_ms):
    """Sends a request and goes away that much later; answers whether an answer came before."""
    data = json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: argocd", f"Content-Length: {len(data)}",
             *(f"{name}: {value}" for name, value in headers.items())]
    with socket.create_connection(address, 10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        if not after_ms:
            return False
        connection.settimeout(after_ms / 1000)
        try:
            return bool(connection.recv(1))
        except TimeoutError:
            return False


class Watch:
    """A stream of events that collects in the background until it is closed.

    `frames` are (type, application) in the order in which they came; `text` is what came.
    """

    def __init__(self, address, path, headers):
        self.status, self.content_type = 0, ""
        self._chunks, self._lines, self._results, self._parsed = [], [], [], 0
        self._connection = http.client.HTTPConnection(*address, timeout=600)
        self._connect()
        self._connection.request("GET", path, headers=headers)
        self._socket = self._connection.sock
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._begin()

    def _connect(self):
        self._connection.connect()

    def _begin(self):
        self._thread.start()

    def _read(self):
        try:
            answer = self._connection.getresponse()
            self.status = answer.status
            self.content_type = answer.getheader("Content-Type") or ""
            # A line may be cut within a letter.
            decode = codecs.getincrementaldecoder("utf-8")().decode
            rest = ""
            while chunk := answer.read1():
                text = decode(chunk)
                self._chunks.append(text)
                *lines, rest = (rest + text).split("\n")
                self._lines += lines
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join()
        self._connection.close()

    @property
    def text(self):
        return "".join(self._chunks)

    @property
    def results(self):
        """Every whole frame's object, as it was sent. A burst is long: each line is parsed once."""
        for line in self._lines[self._parsed:]:
            self._parsed += 1
            line = line.removeprefix("data: ").strip()
            if line.startswith("{"):
                self._results.append(json.loads(line))
        return self._results

    @property
    def frames(self):
        return [(each["result"]["type"], each["result"]["application"]) for each in self.results
                if "result" in each]

    def until(self, condition, what, timeout=60):
        """Waits until condition(frames) holds and answers its value."""
        try:
            return until(lambda: condition(self.frames), timeout, what)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\nthe watch had: {self.text[-2000:]}") from None

    def until_frame(self, condition, what, timeout=60):
        """Waits for the first frame with condition(type, application); answers the Application."""
        return self.until(lambda frames: next((app for kind, app in frames if condition(kind, app)),
                                              None), what, timeout)

    def is_silent_for(self, seconds):
        """Whether nothing at all has come, not even a header, after that long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.status or self._chunks:
                return False
            time.sleep(0.05)
        return True


class SlowWatch(Watch):
    """A watch whose reader takes nothing until go_on(): the server's first burst is stuck."""

    def _connect(self):
        connection = socket.socket()
        # Before the handshake, or the window is a wide one already.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(self._connection.timeout)
        connection.connect((self._connection.host, self._connection.port))
        self._connection.sock = connection

    def _begin(self):
        """Nothing is read yet."""

    def until_stuck(self, timeout=60):
        """Waits until the server has begun to send, so it has made its list."""
        until(lambda: self._waiting() > 0, timeout, "the beginning of the burst")

    def _waiting(self):
        count = array.array("i", [0])
        fcntl.ioctl(self._socket, termios.FIONREAD, count)
        return count[0]

    def go_on(self):
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._thread.start()

    def __exit__(self, *arguments):
        if not self._thread.ident:
            self._thread.start()
        super().__exit__(*arguments)
