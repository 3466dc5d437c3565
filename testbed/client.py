"""HTTP to the Kubernetes API and to Argo CD, from within the testbed's network."""
import http.client
import json
import os
import re
import ssl
import threading
import urllib.parse

from .paths import KUBECONFIG, TOKENS

KUBERNETES = ("127.0.0.1", 16443)
ARGOCD = ("127.0.0.1", 8080)
ARGOCD_TLS = ("127.0.0.1", 8443)


class Refused(Exception):
    """An answer that is not 2xx. `status` is its code, `body` its text."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body[:500]}")
        self.status, self.body = status, body


_connections = threading.local()


def send(address, method, path, headers, body=None, tls=None, timeout=60):
    """One request over a connection that each thread keeps. Answers (status, text).

    A kept connection may have been closed by the server: then a new one is opened, once. Only a
    request that got no answer at all on a *used* connection is sent again.
    """
    kept = _connections.__dict__
    # A forked child must not talk over its parent's connection.
    key = (os.getpid(), address, tls is not None)
    for attempt in (1, 2):
        connection = kept.pop(key, None)
        used = connection is not None
        if not used:
            connection = (http.client.HTTPSConnection(*address, timeout=timeout, context=tls) if tls
                          else http.client.HTTPConnection(*address, timeout=timeout))
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (http.client.HTTPException, OSError):
            connection.close()
            if used and attempt == 1:
                continue
            raise
        if not answer.will_close:
            kept[key] = connection
        return answer.status, text


_credentials = {}


def _kube_credentials():
    """The admin token, read again when the kubeconfig was written again."""
    stamp = KUBECONFIG.stat().st_mtime_ns
    if _credentials.get("stamp") != stamp:
        token = re.search(r"token: (\S+)", KUBECONFIG.read_text()).group(1)
        # The certificate is made at each start and the network is private to this machine's root:
        # who is at the other end is not in question.
        _credentials.update(stamp=stamp, token=token, tls=ssl._create_unverified_context())
    return _credentials["token"], _credentials["tls"]


MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


def kube(method, path, body=None, kind="application/json", timeout=60):
    """A request to the Kubernetes API as its administrator; answers the parsed JSON (or text)."""
    token, tls = _kube_credentials()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    data = None if body is None else json.dumps(body)
    status, text = send(KUBERNETES, method, path, headers, data, tls, timeout)
    return _answer(f"{method} {path}", status, text)


def argocd(method, path, body=None, token=None, timeout=60):
    """A request to argocd-server; `token` is an account's name (see tokens/) or a token itself."""
    headers = {"Content-Type": "application/json"}
    if token:
        is_account = "." not in token           # a token is a JWT: three parts between dots
        text = (TOKENS / token).read_text().strip() if is_account else token
        headers["Authorization"] = f"Bearer {text}"
    data = None if body is None else json.dumps(body)
    status, text = send(ARGOCD, method, path, headers, data, None, timeout)
    return _answer(f"{method} {path}", status, text)


def _answer(what, status, text):
    if not 200 <= status < 300:
        raise Refused(what, status, text)
    try:
        return json.loads(text)
    except ValueError:
        return text


def answers(address, path, tls=False, headers=None):
    """Whether a server answers 200 there."""
    context = ssl._create_unverified_context() if tls else None
    try:
        status, _ = send(address, "GET", path, headers or {}, tls=context, timeout=5)
        return status == 200
    except http.client.HTTPException:
        return False


def quote(text):
    """A text as a query's value."""
    return urllib.parse.quote(text, safe="")
