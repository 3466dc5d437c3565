"""A real Kubernetes with a real Argo CD on one Debian 12 machine, without Docker.

`testbed/testbed` is the command, `testbed/fleet.py` what tests import, `testbed/README.md` the manual.
"""
