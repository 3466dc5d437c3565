"""The one node: containerd with runc and a bridge network, and a kubelet.

All paths are the testbed's own; those that can't be configured are hidden by mounts (init.py). The
node's capacity is the machine's.
"""
import json
import subprocess

from . import client, images, paths, pins
from .component import Component, bring_up
from .init import BRIDGE
from .paths import KUBECONFIG, LOG, STATE, program
from .say import Trouble

NAME = "testbed"
SOCKET = STATE / "run" / "containerd.sock"
FOLDER = STATE / "node"


def prepare():
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "cni").mkdir(exist_ok=True)
    (LOG / "pods").mkdir(exist_ok=True)
    paths.write(FOLDER / "containerd.toml", _containerd_config())
    paths.write(FOLDER / "cni" / "10-testbed.conflist", json.dumps(_network()))
    paths.write(FOLDER / "resolv.conf", "")
    paths.write(FOLDER / "kubelet.yaml", json.dumps(_kubelet_config()))


def _containerd_config():
    # restrict_oom_score_adj: without CAP_SYS_RESOURCE, as in most containers, runc can't lower it.
    return f"""\
version = 2
root = "{STATE}/containerd"
state = "/run/testbed-containerd"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
address = "{SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/local/pause:1"
restrict_oom_score_adj = true
disable_tcp_service = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{FOLDER}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"""


def _network():
    return {
        "cniVersion": "0.4.0",
        "name": "testbed",
        "plugins": [{
            "type": "bridge",
            "bridge": BRIDGE,
            "isGateway": True,
            "ipMasq": False,        # there is nowhere to go from here
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "dataDir": "/run/testbed-cni",
                # The gateway must be the address that init.py forwards to.
                "ranges": [[{"subnet": "10.244.0.0/16", "gateway": "10.244.0.1"}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }],
    }


def _kubelet_config():
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        # Everybody who reaches it may do everything, so it listens nowhere else.
        "address": "127.0.0.1",
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "failCgroupV1": False,
        "oomScoreAdj": 0,
        "podLogsDir": str(LOG / "pods"),
        "volumePluginDir": str(FOLDER / "volume-plugins"),
        "resolvConf": str(FOLDER / "resolv.conf"),
        "maxPods": 400,
        "serializeImagePulls": False,
        # The disk is the user's: the testbed doesn't evict pods because of what else is on it.
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%",
                         "nodefs.inodesFree": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        # Readiness within a second of the truth, as tests wait for it.
        "syncFrequency": "10s",
        "kubeAPIQPS": 200,
        "kubeAPIBurst": 400,
    }


def containerd():
    return Component("containerd", ("containerd", "--config", str(FOLDER / "containerd.toml")),
                     lambda: _ctr("version").returncode == 0)


def kubelet():
    return Component("kubelet", (
        str(program(pins.KUBERNETES, "kubelet")), f"--config={FOLDER}/kubelet.yaml",
        f"--kubeconfig={KUBECONFIG}", f"--root-dir={FOLDER}/kubelet", f"--cert-dir={FOLDER}/pki",
        f"--hostname-override={NAME}",
    ), lambda: client.answers(("127.0.0.1", 10248), "/healthz"))


def components():
    return [containerd(), kubelet()]


def up():
    """Answers the names of the components that were started."""
    prepare()
    started = bring_up([containerd()])
    _import_images()
    return started + bring_up([kubelet()])


def _ctr(*arguments):
    return subprocess.run(["ctr", "--address", str(SOCKET), "--namespace", "k8s.io", *arguments],
                          capture_output=True, text=True)


def _import_images():
    """The kubelet starts pods at once, so this comes before it."""
    there = _ctr("images", "ls", "-q").stdout.split()
    if all(f"docker.io/{name}" in there for name in images.IMAGES):
        return
    for archive in images.archives():
        done = _ctr("images", "import", str(archive))
        if done.returncode:
            raise Trouble(f"ctr images import {archive}: {done.stderr}")
