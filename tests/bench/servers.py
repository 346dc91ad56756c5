# SPDX-License-Identifier: MIT
"""servers.py -- the servers that are compared: each started by hand on its own port, pinned, measured, ended."""

import atexit
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import workload

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import tap  # noqa: E402
import wire  # noqa: E402

PATIENCE = 60
BUILD = os.environ.get("builddir") or os.getcwd()


class Failed(Exception):
    """A server that cannot be measured; the others still can."""


def tool(name):
    return os.path.join(BUILD, "tests", "bench", name)


def session_pids(leader):
    """The processes of the session that leader began: its tree, however it forks."""
    pids = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[3]) == leader:
                        pids.append(int(entry))
            except OSError:
                pass
    return pids


class Server:
    """One of them. Subclasses say how it is configured and started."""

    name = "?"
    program = None
    has_tcp = True
    is_echo = False

    def __init__(self, directory, port, cpu, threads=1):
        self.dir = os.path.join(directory, f"{type(self).__name__}-{port}")
        self.port, self.cpu, self.threads, self.process = port, cpu, threads, None
        self.additional = 0  # addresses that it gives beside an SRV answer
        os.makedirs(self.dir, exist_ok=True)

    @classmethod
    def find(cls):
        """The program's path, or None."""
        return shutil.which(cls.program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")

    def write(self, name, text):
        return workload.write(os.path.join(self.dir, name), [text])

    def prepare(self, registry):
        """Writes the configuration and, where it is one, the zone file."""
        self.write("zone", "".join(registry.zone()))

    def command(self):
        raise NotImplementedError

    def start(self):
        pin = ["taskset", "-c", str(self.cpu)] if self.cpu is not None else []
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.process = subprocess.Popen(pin + self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.dir, start_new_session=True)
        atexit.register(self.stop)
        end = time.monotonic() + PATIENCE
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise Failed(f"{self.name} did not start: {self.log_end()}")
            time.sleep(0.01)

    def log_end(self):
        with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as log:
            return " | ".join(log.read().splitlines()[-3:])

    def ask(self, name, qtype):
        with wire.Udp(("127.0.0.1", self.port), seconds=0.3) as client:
            return wire.Message(client.ask(wire.query(name, qtype)))

    def is_ready(self):
        try:
            return self.ask(f"{workload.service('one', 0)}.{workload.ZONE}", "A").status == "NOERROR"
        except OSError:
            return False

    def check(self, registry):
        """Its answers are the right ones; learns how many addresses come with SRV."""
        for kind, n in registry.counts.items():
            for i in {0, n // 2, n - 1}:
                qtype, values, count = registry.expected(kind, i)
                reply = self.ask(f"{workload.service(kind, i)}.{workload.ZONE}", qtype)
                given = set(reply.values())
                if reply.status != "NOERROR" or len(given) != count or not given <= values:
                    raise Failed(f"{self.name} gives {sorted(given)[:3]}... for {kind}-{i} {qtype}, {reply.status}")
                if kind == "srv":
                    self.additional = len(reply.additional)
        if self.ask(f"{workload.service('none', 0)}.{workload.ZONE}", "A").status != "NXDOMAIN":
            raise Failed(f"{self.name} has no NXDOMAIN")

    def stop(self):
        """Ends what start() began, and only that."""
        if self.process is None:
            return
        leader, self.process = self.process, None
        if leader.poll() is None:
            leader.send_signal(signal.SIGTERM)
            try:
                leader.wait(timeout=10)
            except subprocess.TimeoutExpired:
                leader.kill()
                leader.wait()
        for pid in session_pids(leader.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    # ---- what it costs ----

    def cpu_ns(self):
        """CPU time of all its threads: (together in ns, in user mode and in the system in ticks)."""
        total = user = system = 0
        for pid in session_pids(self.process.pid):
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
                        total += int(f.read().split()[0])
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                user, system = user + int(fields[11]), system + int(fields[12])
            except OSError:
                pass
        return total, user, system

    def memory_mb(self):
        """(RSS, PSS) of all its processes."""
        rss = pss = 0
        for pid in session_pids(self.process.pid):
            try:
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                    text = f.read()
            except OSError:
                continue
            rss += int(re.search(r"^Rss:\s+(\d+)", text, re.M)[1])
            pss += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
        return rss / 1024, pss / 1024


class Echo(Server):
    name = "echo"
    batch = 64
    has_tcp = False
    is_echo = True

    @classmethod
    def find(cls):
        return tool("echo")

    def prepare(self, registry):
        pass

    def command(self):
        return [self.find(), str(self.port), str(self.batch)]

    def is_ready(self):
        try:
            return bool(self.ask(f"{workload.service('one', 0)}.{workload.ZONE}", "A").flags & wire.QR)
        except OSError:
            return False

    def check(self, registry):
        pass


class Cmapd(Server):
    name = "cmapd"

    @classmethod
    def find(cls):
        return os.path.join(BUILD, "cmapd")

    def prepare(self, registry):
        self.socket = os.path.join(self.dir, "sock")
        self.config = self.write("cmapd.conf", f'listen = {{"127.0.0.1:{self.port}"}}\nudp_threads = {self.threads}\n'
                                 f'socket = "{self.socket}"\ndb = "{self.dir}/cmap.db"\n')
        self.registry, self.ids = registry, {}

    def command(self):
        return [self.find(), "--config", self.config]

    def is_ready(self):
        """The first time nothing is registered yet: any answer will do."""
        try:
            reply = self.ask(f"{workload.service('one', 0)}.{workload.ZONE}", "A")
        except OSError:
            return False
        return reply.status == "NOERROR" or (not self.ids and os.path.exists(self.socket))

    def fill(self, cpu):
        """Registers everything. Returns what api_load prints of it."""
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.socket)

        def call(operation, body):
            connection.request("POST", "/", json.dumps(body), {"X-Amz-Target": workload.AWS + operation})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise Failed(f"{operation}: {text}")
            return json.loads(text)

        operation = call("CreatePrivateDnsNamespace", {"Name": workload.ZONE, "Vpc": "bench"})["OperationId"]
        namespace = call("GetOperation", {"OperationId": operation})["Operation"]["Targets"]["NAMESPACE"]
        for kind, _, name in self.registry.services():
            types = ["A", "SRV"] if kind == "srv" else ["A"]
            self.ids[name] = call("CreateService", {
                "Name": name, "NamespaceId": namespace,
                "DnsConfig": {"DnsRecords": [{"Type": t, "TTL": 60} for t in types]}})["Service"]["Id"]
        connection.close()
        path = workload.write(os.path.join(self.dir, "requests"), self.registry.registrations(self.ids))
        try:
            return run_tool(["api_load", "-c", "128", self.socket, path], cpu, PATIENCE * 10)
        finally:
            os.remove(path)

    def write_changes(self, kind, n):
        """A file of n requests that give services of that kind other addresses, and then these back."""
        return workload.write(os.path.join(self.dir, "changes-" + kind), self.registry.changes(self.ids, kind, n))

    def tasks(self, answering):
        """Its UDP threads, or all others."""
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{task}/comm", encoding="ascii") as f:
                if (f.read() == "cmap-udp\n") == answering:
                    yield int(task)

    def split_threads(self, cpu):
        """Leaves the UDP threads alone where they are: all others go to cpu."""
        for task in self.tasks(False):
            os.sched_setaffinity(task, {cpu})

    def answering_ns(self):
        """CPU time of its UDP threads."""
        total = 0
        for task in self.tasks(True):
            with open(f"/proc/{self.process.pid}/task/{task}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total

    def join_threads(self):
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setaffinity(int(task), {self.cpu})


class Gdnsd(Server):
    name = program = "gdnsd"

    def prepare(self, registry):
        for sub in ("zones", "run", "state"):
            os.makedirs(os.path.join(self.dir, sub), exist_ok=True)
        self.write(f"zones/{workload.ZONE}", "".join(registry.zone()))
        self.write("config", f"options => {{\n listen => 127.0.0.1:{self.port}\n udp_threads => {self.threads}\n"
                   f" tcp_threads => {self.threads}\n run_dir => {self.dir}/run\n state_dir => {self.dir}/state\n"
                   " acme_challenge_ttl => 60\n}\n")

    def command(self):
        return [self.find(), "-c", self.dir, "start"]


class Knot(Server):
    name = "knot"
    program = "knotd"

    def prepare(self, registry):
        super().prepare(registry)
        self.write("knot.conf", f"""server:
    rundir: {self.dir}
    listen: 127.0.0.1@{self.port}
    udp-workers: {self.threads}
    tcp-workers: {self.threads}
    background-workers: 1
log:
  - target: stderr
    any: error
database:
    storage: {self.dir}
zone:
  - domain: {workload.ZONE}
    storage: {self.dir}
    file: zone
    journal-content: none
    zonefile-sync: -1
""")

    def command(self):
        return [self.find(), "-c", os.path.join(self.dir, "knot.conf")]


class Nsd(Server):
    name = program = "nsd"

    def prepare(self, registry):
        super().prepare(registry)
        self.write("nsd.conf", f"""server:
    ip-address: 127.0.0.1@{self.port}
    server-count: {self.threads}
    reuseport: {"yes" if self.threads > 1 else "no"}
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{self.dir}"
    zonelistfile: "{self.dir}/zone.list"
    xfrdfile: "{self.dir}/xfrd.state"
    xfrdir: "{self.dir}"
    pidfile: "{self.dir}/nsd.pid"
    logfile: "{self.dir}/log"
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: {workload.ZONE}
    zonefile: zone
""")

    def command(self):
        return [self.find(), "-d", "-c", os.path.join(self.dir, "nsd.conf")]


def run_tool(command, cpu, seconds):
    """Runs one of our programs on that CPU (None: any); the numbers that it prints, by name."""
    pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
    done = subprocess.run(pin + [tool(command[0])] + command[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, timeout=seconds)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {done.stderr.strip()}")
    return {name: float(value) for name, value in (word.split("=") for word in done.stdout.split())}


def begin_tool(command, cpu):
    """The same without waiting for its end."""
    process = subprocess.Popen(["taskset", "-c", str(cpu), tool(command[0])] + command[1:], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    atexit.register(process.kill)
    return process


def finish_tool(process):
    out, err = process.communicate(timeout=PATIENCE)
    if process.returncode != 0:
        raise Failed(f"{os.path.basename(process.args[3])}: {err.strip()}")
    return {name: float(value) for name, value in (word.split("=") for word in out.split())}
