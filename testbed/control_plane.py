"""etcd, the API server, the controller manager and the scheduler.

The API server listens on all of 127/8, so that https://127.0.0.11:16443, https://127.0.0.12:16443 …
are clusters of their own to Argo CD.
"""
import secrets
import subprocess

from . import client, paths, pins
from .component import Component, bring_up
from .init import API_PORT
from .paths import KUBECONFIG, STATE, program

CERTIFICATES = STATE / "apiserver"
ACCOUNT_KEY = STATE / "service-account.key"
TOKEN_FILE = STATE / "apiserver-tokens.csv"
CA = CERTIFICATES / "apiserver.crt"


def _kubernetes(name):
    return str(program(pins.KUBERNETES, name))


def prepare():
    """The key that signs service account tokens, and the administrator's token: new at each start."""
    if KUBECONFIG.exists():
        return
    CERTIFICATES.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["openssl", "genrsa", "-out", ACCOUNT_KEY, "2048"], check=True, capture_output=True)
    ACCOUNT_KEY.chmod(0o600)
    token = secrets.token_hex(24)
    paths.write(TOKEN_FILE, f'{token},admin,admin,"system:masters"\n')
    paths.write(KUBECONFIG, f"""\
apiVersion: v1
kind: Config
current-context: testbed
clusters:
- name: testbed
  cluster: {{server: "https://127.0.0.1:{API_PORT}", certificate-authority: {CA}}}
contexts:
- name: testbed
  context: {{cluster: testbed, user: admin, namespace: argocd}}
users:
- name: admin
  user:
    token: {token}
""")


def token():
    return TOKEN_FILE.read_text().split(",")[0]


def etcd():
    return Component("etcd", (
        str(program(pins.ETCD, "etcd")), "--name=testbed", f"--data-dir={STATE}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=testbed=http://127.0.0.1:2380",
        # Its data ends with the testbed: it need not survive a power cut.
        "--unsafe-no-fsync", "--log-level=warn",
    ), lambda: client.answers(("127.0.0.1", 2379), "/health"))


def api_server():
    return Component("kube-apiserver", (
        _kubernetes("kube-apiserver"), "--etcd-servers=http://127.0.0.1:2379",
        f"--cert-dir={CERTIFICATES}", f"--secure-port={API_PORT}",
        # Pods reach it through the bridge, so loopback would not do.
        "--bind-address=0.0.0.0", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={ACCOUNT_KEY}",
        f"--service-account-signing-key-file={ACCOUNT_KEY}",
        "--service-cluster-ip-range=10.96.0.0/16", f"--token-auth-file={TOKEN_FILE}",
        "--authorization-mode=RBAC", "--event-ttl=30m",
    ), lambda: client.answers(client.KUBERNETES, "/readyz", tls=True))


def controller_manager():
    return Component("kube-controller-manager", (
        _kubernetes("kube-controller-manager"), f"--kubeconfig={KUBECONFIG}",
        f"--service-account-private-key-file={ACCOUNT_KEY}", f"--root-ca-file={CA}",
        f"--cert-dir={STATE}/controller-manager", "--bind-address=127.0.0.1",
        f"--flex-volume-plugin-dir={STATE}/controller-manager/volume-plugins",
        "--use-service-account-credentials=false", "--leader-elect=false",
        # Many namespaces come and go with the test cases.
        "--kube-api-qps=200", "--kube-api-burst=400", "--concurrent-namespace-syncs=20",
    ), lambda: client.answers(("127.0.0.1", 10257), "/healthz", tls=True))


def scheduler():
    return Component("kube-scheduler", (
        _kubernetes("kube-scheduler"), f"--kubeconfig={KUBECONFIG}", "--leader-elect=false",
        f"--cert-dir={STATE}/scheduler", "--bind-address=127.0.0.1",
    ), lambda: client.answers(("127.0.0.1", 10259), "/healthz", tls=True))


def components():
    return [etcd(), api_server(), controller_manager(), scheduler()]


def up():
    """Answers the names of the components that were started."""
    prepare()
    return (bring_up([etcd()]) + bring_up([api_server()])
            + bring_up([controller_manager(), scheduler()]))
