"""The container images, written as archives without a registry or another tool.

Both are one static busybox: `local/web:1` for Deployments and hooks, and `local/pause:1`, the process
that holds a pod's network.
"""
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

from .paths import CACHE

BUSYBOX = Path("/bin/busybox")
APPLETS = ("sh", "httpd", "sleep", "touch", "cat", "echo", "ls", "test", "[", "true", "false", "date",
           "wget", "mkdir", "rm", "env", "grep", "printf", "kill", "ps", "head", "seq")
IMAGES = {
    "local/web:1": ["/bin/sh"],
    "local/pause:1": ["/bin/sleep", "2147483647"],
}


def archives():
    """The archives' paths; they are made once and kept with the built programs."""
    recipe = hashlib.sha256(BUSYBOX.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    folder = CACHE / f"images-{recipe}"
    if not folder.is_dir():
        work = folder.with_name(f"building-{folder.name}-{os.getpid()}")
        work.mkdir(parents=True)
        for name, command in IMAGES.items():
            (work / (name.replace("/", "-").replace(":", "-") + ".tar")).write_bytes(
                _archive(name, command))
        work.rename(folder)
    return sorted(folder.iterdir())


def _archive(name, command):
    """An image in Docker's archive form: one layer, a config that names its hash, a manifest."""
    layer = _tar(_root_files())
    config = json.dumps({
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine],
        "os": "linux",
        "config": {"Cmd": command, "Env": ["PATH=/bin"], "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    }).encode()
    manifest = [{"Config": "config.json", "RepoTags": [f"docker.io/{name}"], "Layers": ["layer.tar"]}]
    return _tar([_file("config.json", config), _file("layer.tar", layer),
                 _file("manifest.json", json.dumps(manifest).encode())])


def _root_files():
    for folder in ("bin", "etc", "tmp", "www", "dev", "proc", "sys"):
        entry = tarfile.TarInfo(folder)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
        yield entry, None
    yield _file("bin/busybox", BUSYBOX.read_bytes(), 0o755)
    yield _file("etc/passwd", b"root:x:0:0:root:/:/bin/sh\n")
    yield _file("www/index.html", b"web\n")
    for applet in APPLETS:
        entry = tarfile.TarInfo(f"bin/{applet}")
        entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
        yield entry, None


def _file(name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    return entry, io.BytesIO(content)


def _tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for entry, content in entries:
            archive.addfile(entry, content)
    return out.getvalue()
