"""What is built, at which version, and what is taken from Debian.

The versions themselves are pinned in tools/<family>/go.mod, and what they download is pinned in the
go.sum beside it. This file says which programs a family gives, and how they are stamped. A family's
key is a hash of all of that: a change of a pin builds that family again, and nothing else.
"""
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = Path(__file__).resolve().parent / "tools"

GO_AT_LEAST = (1, 26)          # an older Go on the machine is left alone, and this one is fetched:
GO_TOOLCHAIN = "1.26.8"

# Bump it if the way of building (build.py) changes what comes out.
RECIPE = 1


@dataclass(frozen=True)
class Family:
    """Programs that come out of one Go module."""
    name: str                                      # the folder under tools/
    module: str                                    # whose version is the family's
    programs: dict                                 # program -> Go package
    stamps: dict = field(default_factory=dict)     # variable -> value; {version}, {major}, {minor}
    keep: dict = field(default_factory=dict)       # folder in the cache -> folder of the module

    @property
    def folder(self):
        return TOOLS / self.name

    @property
    def version(self):
        """The version that go.mod pins, such as v1.34.2."""
        text = (self.folder / "go.mod").read_text()
        found = re.search(rf"^\s*(?:require )?{re.escape(self.module)} (v\S+)", text, re.M)
        return found.group(1)

    @property
    def key(self):
        digest = hashlib.sha256()
        for part in (repr(self), str(RECIPE)):
            digest.update(part.encode())
        for name in ("go.mod", "go.sum"):
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()[:12]


KUBERNETES = Family(
    "kubernetes", "k8s.io/kubernetes",
    {name: f"k8s.io/kubernetes/cmd/{name}" for name in
     ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kubectl")},
    # Unstamped it calls itself v0.0.0, and clients that look at the minor version misbehave.
    {"k8s.io/component-base/version.gitVersion": "{version}",
     "k8s.io/component-base/version.gitMajor": "{major}",
     "k8s.io/component-base/version.gitMinor": "{minor}"})

ETCD = Family("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"})

# One binary is all components and the CLI: it goes by the name that it is called by.
ARGOCD = Family(
    "argocd", "github.com/argoproj/argo-cd/v3",
    {"argocd": "github.com/argoproj/argo-cd/v3/cmd"},
    {"github.com/argoproj/argo-cd/v3/common.version": "{number}",
     "github.com/argoproj/argo-cd/v3/common.gitTag": "{version}",
     "github.com/argoproj/argo-cd/v3/common.gitCommit": "0000000",
     "github.com/argoproj/argo-cd/v3/common.gitTreeState": "clean"},
    {"crds": "manifests/crds", "config": "manifests/base/config"})

HELM = Family("helm", "helm.sh/helm/v3", {"helm": "helm.sh/helm/v3/cmd/helm"},
              {"helm.sh/helm/v3/internal/version.version": "{version}"})

FAMILIES = (ETCD, HELM, ARGOCD, KUBERNETES)

# Looked for by program, not by package: a machine may have got them from elsewhere (Docker's
# containerd.io brings containerd and runc, and can't stand beside Debian's).
DEBIAN = {
    "git": "git",
    "redis-server": "redis-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "umoci": "umoci",
    "skopeo": "skopeo",
    "/bin/busybox": "busybox-static",
    "iptables": "iptables",
    "ip": "iproute2",
    "conntrack": "conntrack",
    "openssl": "openssl",
    "mount": "mount",
    "unshare": "util-linux",
    "/etc/ssl/certs/ca-certificates.crt": "ca-certificates",
}
