"""Argo CD: redis, repo-server, application controller, ApplicationSet controller and two servers.

All timings are Argo CD's own defaults: what is tested against it must hold for them. One server speaks
plain HTTP, the other TLS with a certificate that no authority signed (`$STATE/server.crt`).
"""
import base64
import json
import socket
import subprocess
from pathlib import Path

from . import client, control_plane, paths, pins
from .client import Refused, kube
from .component import Component, bring_up
from .paths import ARGOCD_CONFIG, BIN, CACHE, KUBECONFIG, STATE, TOKENS, program

NAMESPACE = "argocd"
FOLDER = STATE / "argocd"
CERTIFICATE = STATE / "server.crt"
CERTIFICATE_KEY = STATE / "server.key"

# name -> (address, labels). One API server plays them all; see control_plane.py.
CLUSTERS = {
    "test-1": ("127.0.0.11", {"env": "test", "stage": "1", "region": "eu"}),
    "test-2": ("127.0.0.12", {"env": "test", "stage": "1", "region": "us"}),
    "stg-1": ("127.0.0.13", {"env": "stg", "stage": "2", "region": "eu"}),
    "stg-2": ("127.0.0.14", {"env": "stg", "stage": "2", "region": "us"}),
    "prd-1": ("127.0.0.15", {"env": "prd", "stage": "3", "region": "eu"}),
    "prd-2": ("127.0.0.16", {"env": "prd", "stage": "3", "region": "us"}),
}

APPLICATION_RIGHTS = [("applications", verb) for verb in
                      ("get", "sync", "action/*", "override", "delete")]
READING = [("projects", "get"), ("clusters", "get")]

# account -> what it may do; `readonly` is Argo CD's own role of that name.
ACCOUNTS = {
    "tiphys": APPLICATION_RIGHTS + READING + [("applicationsets", "get")],
    "generator": APPLICATION_RIGHTS + READING + [("applicationsets", "get"),
                                                ("applicationsets", "create")],
    "norollout": APPLICATION_RIGHTS + READING,
    "readonly": None,
}


# --- programs -------------------------------------------------------------------------------------

def prepare():
    """Folders, the helm wrapper, links to the command-line programs, the servers' certificate."""
    for folder in ("tls", "ssh", "gpg-source", "gpg-keys", "plugins"):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
    (FOLDER / "ssh" / "ssh_known_hosts").touch()
    for folder in (BIN, TOKENS, paths.GIT, paths.HOLD, paths.DELAY, paths.FAIL):
        folder.mkdir(mode=0o700, exist_ok=True)
    wrapper = Path(__file__).with_name("helm-wrapper").read_text()
    wrapper = wrapper.replace("@STATE@", str(STATE))
    paths.write(BIN / "helm", wrapper.replace("@HELM@", str(program(pins.HELM, "helm"))), 0o700)
    _link("argocd", program(pins.ARGOCD, "argocd"))
    _link("kubectl", program(pins.KUBERNETES, "kubectl"))
    if not CERTIFICATE.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", CERTIFICATE_KEY, "-out", CERTIFICATE], check=True, capture_output=True)
        CERTIFICATE_KEY.chmod(0o600)


def _link(name, target):
    (BIN / name).unlink(missing_ok=True)
    (BIN / name).symlink_to(target)


def _argocd(name, ready, *arguments, binary=None):
    """A component of Argo CD: one binary for all, which goes by the name in its environment."""
    env = {
        "ARGOCD_BINARY_NAME": binary or name,
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_TLS_DATA_PATH": str(FOLDER / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(FOLDER / "ssh"),
        "ARGOCD_GNUPGHOME": str(FOLDER / "gpg-keys"),
        "ARGOCD_GPG_DATA_PATH": str(FOLDER / "gpg-source"),
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_PLUGINSOCKFILEPATH": str(FOLDER / "plugins"),
        "KUBECONFIG": str(KUBECONFIG),
        # Tests may make their repositories as another user than repo-server's.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    return Component(name, (str(program(pins.ARGOCD, "argocd")), *arguments), ready, env)


REDIS = "--redis=127.0.0.1:6379"
REPO_SERVER = ("--repo-server=127.0.0.1:8081", "--repo-server-plaintext", REDIS)


def _healthy(port, path="/healthz", tls=False):
    return lambda: client.answers(("127.0.0.1", port), path, tls)


def redis():
    return Component("redis", ("redis-server", "--port", "6379", "--bind", "127.0.0.1",
                               "--save", "", "--appendonly", "no"),
                     lambda: _listens(6379))


def _listens(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def repo_server():
    return _argocd("argocd-repo-server", _healthy(8084), "--port=8081", "--address=127.0.0.1",
                   "--metrics-address=127.0.0.1", "--metrics-port=8084", REDIS, "--disable-tls")


def application_controller():
    return _argocd("argocd-application-controller", _healthy(8082), "--metrics-port=8082",
                   *REPO_SERVER)


def applicationset_controller():
    # It has no health check of its own.
    return _argocd("argocd-applicationset-controller", _healthy(8085, "/metrics"),
                   "--argocd-repo-server=127.0.0.1:8081", "--repo-server-plaintext",
                   "--enable-progressive-syncs", "--metrics-addr=127.0.0.1:8085",
                   "--probe-addr=127.0.0.1:8086", "--webhook-addr=127.0.0.1:7000")


def server():
    return _argocd("argocd-server", _healthy(8080), "--port=8080", "--address=127.0.0.1",
                   "--metrics-port=8083", "--metrics-address=127.0.0.1", "--insecure", *REPO_SERVER)


def server_tls():
    return _argocd("argocd-server-tls", _healthy(8443, tls=True), "--port=8443",
                   "--address=127.0.0.1", "--metrics-port=8087", "--metrics-address=127.0.0.1",
                   *REPO_SERVER, binary="argocd-server")


def components():
    return [redis(), repo_server(), server(), application_controller(),
            applicationset_controller(), server_tls()]


def up():
    """Answers the names of the components that were started."""
    prepare()
    started = bring_up([redis(), repo_server()])
    if not (paths.RUN / "argocd-objects").exists():
        _create_objects()
        (paths.RUN / "argocd-objects").touch()
    # The first server makes the administrator's password and the key that signs tokens.
    started += bring_up([server(), application_controller(), applicationset_controller()])
    started += bring_up([server_tls()])
    _mint_tokens()
    return started


# --- objects --------------------------------------------------------------------------------------

def _create_objects():
    kubectl("apply", "--server-side", "-f", "-", input=_yaml_of([
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}]))
    manifests = [CACHE / f"argocd-{pins.ARGOCD.key}" / folder for folder in ("crds", "config")]
    files = [file for folder in manifests for file in sorted(folder.glob("*.yaml"))
             if file.name != "kustomization.yaml"]
    # On the server's side, as the CRDs are too big for the annotation of an ordinary apply.
    kubectl("apply", "--server-side", "-n", NAMESPACE, *[f"--filename={file}" for file in files])
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=_yaml_of(
        [_accounts(), _rights(), _certificate(), *map(_cluster, CLUSTERS)]))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")


def kubectl(*arguments, input=None):
    command = [program(pins.KUBERNETES, "kubectl"), f"--kubeconfig={KUBECONFIG}",
               f"--cache-dir={STATE}/home/kubectl", *arguments]
    done = subprocess.run(command, input=input, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _yaml_of(objects):
    """JSON is YAML."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def _object(kind, name, **rest):
    labels = {"app.kubernetes.io/part-of": "argocd", **rest.pop("labels", {})}
    return {"apiVersion": "v1", "kind": kind, **rest,
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels}}


def _accounts():
    return _object("ConfigMap", "argocd-cm", data={f"accounts.{name}": "apiKey" for name in ACCOUNTS})


def _rights():
    lines = ["g, readonly, role:readonly"]
    for account, rights in ACCOUNTS.items():
        for resource, verb in rights or []:
            thing = "*/*" if resource.startswith("application") else "*"
            lines.append(f"p, {account}, {resource}, {verb}, {thing}, allow")
    return _object("ConfigMap", "argocd-rbac-cm", data={"policy.csv": "\n".join(lines) + "\n"})


def _certificate():
    def encoded(path):
        return base64.b64encode(path.read_bytes()).decode()
    return _object("Secret", "argocd-secret", data={"tls.crt": encoded(CERTIFICATE),
                                                    "tls.key": encoded(CERTIFICATE_KEY)})


def _cluster(name):
    address, labels = CLUSTERS[name]
    config = {"bearerToken": control_plane.token(), "tlsClientConfig": {"insecure": True}}
    return _object("Secret", f"cluster-{name}",
                   labels={"argocd.argoproj.io/secret-type": "cluster", "cluster": name, **labels},
                   stringData={"name": name, "server": f"https://{address}:16443",
                               "config": json.dumps(config)})


# --- accounts -------------------------------------------------------------------------------------

def _mint_tokens():
    """A token that works in each file of tokens/, and one that has expired."""
    if not _works("admin"):
        paths.write(TOKENS / "admin", _login())
    for account in ACCOUNTS:
        if not _works(account):
            paths.write(TOKENS / account, mint(account))
    if not (TOKENS / "expired").exists():
        paths.write(TOKENS / "expired", mint("tiphys", lives_s=1))
    paths.write(ARGOCD_CONFIG, _cli_config())


def _works(account):
    try:
        return (TOKENS / account).exists() and client.argocd(
            "GET", "/api/v1/session/userinfo", token=account).get("loggedIn")
    except Refused:
        return False


def _login():
    secret = kube("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/argocd-initial-admin-secret")
    password = base64.b64decode(secret["data"]["password"]).decode()
    return client.argocd("POST", "/api/v1/session",
                         {"username": "admin", "password": password})["token"]


def mint(account, lives_s=0):
    """A new API token of an account, for ever or for some seconds."""
    return client.argocd("POST", f"/api/v1/account/{account}/token",
                         {"name": account, "expiresIn": lives_s}, token="admin")["token"]


def _cli_config():
    """What the `argocd` command reads from ~/.config/argocd/config: one context for each server."""
    token = (TOKENS / "tiphys").read_text()
    return f"""\
contexts:
- name: testbed
  server: 127.0.0.1:8080
  user: testbed
- name: testbed-tls
  server: 127.0.0.1:8443
  user: testbed
current-context: testbed
servers:
- grpc-web-root-path: ""
  plain-text: true
  server: 127.0.0.1:8080
- grpc-web-root-path: ""
  insecure: true
  server: 127.0.0.1:8443
users:
- auth-token: {token}
  name: testbed
"""
