# SPDX-License-Identifier: MIT
"""nsd.py -- a real NSD on zones given as text, on the loopback interface, for tests that want a second opinion."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import cmap
import tap
import wire

CONFIG = """server:
    server-count: 1
    ip-address: 127.0.0.1@{port}
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{dir}"
    pidfile: "{dir}/pid"
    logfile: "{dir}/log"
    xfrdfile: "{dir}/xfrd"
    xfrdir: "{dir}"
    zonelistfile: "{dir}/list"
    ipv4-edns-size: {size}
    tcp-count: 20
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
remote-control:
    control-enable: no
"""


def program():
    """Its path, or the test is skipped."""
    path = cmap.find("nsd")
    if path is None:
        raise tap.Skip("nsd is not installed (Debian package nsd)")
    return path


def free_port():
    """One that is free for UDP and TCP at this moment."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


class Nsd:
    """Runs until close(); zones: texts by name. Nothing of it is outside its directory."""

    def __init__(self, path, zones, udp_size):
        self.dir = tempfile.mkdtemp(prefix="cmap-nsd-")
        self.address = ("127.0.0.1", free_port())
        with open(os.path.join(self.dir, "conf"), "w", encoding="ascii") as conf:
            conf.write(CONFIG.format(port=self.address[1], dir=self.dir, size=udp_size))
            for i, (name, text) in enumerate(zones.items()):
                conf.write(f'zone:\n    name: "{name}"\n    zonefile: "{i}.zone"\n')
                with open(os.path.join(self.dir, f"{i}.zone"), "w", encoding="ascii") as out:
                    out.write(text)
        with open(os.path.join(self.dir, "out"), "wb") as out:
            self.process = subprocess.Popen([path, "-d", "-c", os.path.join(self.dir, "conf")], stdout=out,
                                            stderr=out, stdin=subprocess.DEVNULL, env=cmap.environment())
        try:
            self.wait(next(iter(zones)))
            tap.check("error" not in self.said() and "warning" not in self.said(), "NSD dislikes a zone")
        except BaseException:
            tap.say(self.said())
            self.close()
            raise

    def wait(self, zone):
        """Until it answers. Its socket is there before it has read the zones: then the answer is waited for."""
        deadline = time.monotonic() + tap.PATIENCE
        while True:
            tap.check(self.process.poll() is None, "NSD has ended")
            tap.check(time.monotonic() < deadline, "NSD does not answer")
            try:
                with wire.Udp(self.address, seconds=tap.PATIENCE) as client:
                    tap.equal(wire.Message(client.ask(wire.query(zone, "SOA"))).status, "NOERROR", zone)
                    return
            except ConnectionRefusedError:
                time.sleep(0.005)

    def said(self):
        text = ""
        for name in ("log", "out"):
            path = os.path.join(self.dir, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as log:
                    text += log.read()
        return text

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=tap.PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
