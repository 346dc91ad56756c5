# SPDX-License-Identifier: MIT
"""cmap.py -- the real cmapd, on free ports and in a directory of its own, for the end-to-end tests.

Every test starts its own and ends what it has started, by its process. Run by `make check`, or by hand from the
build directory: builddir=$PWD python3 .../tests/e2e/answers.py [test_name]...
"""

import atexit
import collections
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

try:
    import sqlite3
    HAS_SQLITE = True
except ImportError:
    HAS_SQLITE = False

import dig as dig_program
import tap
import wire

BUILD = os.environ.get("builddir") or os.getcwd()
CMAPD = os.path.join(BUILD, "cmapd")
CMAPCTL = os.path.join(BUILD, "cmapctl")
AWS = "Route53AutoNaming_v20170314."

# What a sanitizer writes to stderr when it has found something.
REPORTS = ("Sanitizer: ", "runtime error:")

Reply = collections.namedtuple("Reply", "status headers body")
Ran = collections.namedtuple("Ran", "status out err")


def find(program):
    """Its path or None; also where make check CLIENTS=all unpacks it, and where the system keeps what only root runs."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin",
              os.path.join(BUILD, "clients/usr/sbin"), os.path.join(BUILD, "clients/usr/bin")]
    return shutil.which(program, path=os.pathsep.join(places))


def environment():
    """The caller's, without what changes the programs' manners."""
    left_out = ("CMAP_", "JOURNAL_STREAM", "NOTIFY_SOCKET", "LC_", "LANG", "AWS_")
    clean = {k: v for k, v in os.environ.items()
             if not k.startswith(left_out) and not k.lower().endswith("_proxy")}
    return dict(clean, LC_ALL="C")


def run(*command, env=None, **options):
    """Runs a program to its end."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, errors="surrogateescape", check=False,
                          timeout=options.pop("timeout", tap.PATIENCE), env=env or environment(), **options)
    return Ran(done.returncode, done.stdout, done.stderr)


class ApiError(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body
        self.type, self.message = body.get("__type"), body.get("Message")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, seconds=tap.PATIENCE):
        super().__init__("localhost", timeout=seconds)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def post(connection, operation, body):
    """One request on an open connection. body: what becomes JSON, or octets as they are."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    target = operation if operation is None or "." in operation else AWS + operation
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    if target is not None:
        headers["X-Amz-Target"] = target
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    return Reply(answer.status, answer.headers, answer.read())


def call(connection, operation, body=None):
    """The answer as a dict; ApiError if it is an error."""
    reply = post(connection, operation, {} if body is None else body)
    answer = json.loads(reply.body)
    if reply.status != 200:
        raise ApiError(reply.status, answer)
    return answer


class Daemon:
    """cmapd. settings are options of cmapd.conf: text, numbers or lists."""

    def __init__(self, *options, start=True, **settings):
        self.dir = tempfile.mkdtemp(prefix="cmap-e2e-", dir=None if len(tempfile.gettempdir()) < 64 else "/tmp")
        atexit.register(self.close)
        self.config, self.log, self.socket, self.db = (
            os.path.join(self.dir, name) for name in ("cmapd.conf", "log", "sock", "cmap.db"))
        self.settings = {"listen": ["127.0.0.1:0"], "socket": self.socket, "db": self.db}
        self.options, self.popen = list(options), {}
        self.process, self.ids, self.log_at, self.failed = None, {}, 0, False
        self.configure(**settings)
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, _):
        if kind is not None and not issubclass(kind, tap.Skip):
            self.tell_log()
        elif self.is_running():
            self.stop()
        self.close()

    # ---- its life ----

    def configure(self, **settings):
        """Changes options of the file, which is read at the next start or SIGHUP: the old one or the new."""
        self.settings.update(settings)
        with open(self.config + ".new", "w", encoding="utf-8") as out:
            for name, value in self.settings.items():
                if isinstance(value, (list, tuple)):
                    out.write(name + " = {" + ", ".join(f'"{v}"' for v in value) + "}\n")
                elif value is not None:
                    out.write(f'{name} = "{value}"\n')
        os.replace(self.config + ".new", self.config)

    def launch(self):
        """Starts it without waiting until it is ready."""
        with open(self.log, "ab") as log:
            self.log_at = log.tell()
            self.process = subprocess.Popen(
                [CMAPD, "--config", self.config, *self.options], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment(), cwd=self.dir, **self.popen)

    def start(self):
        self.launch()
        tap.wait_until(lambda: "cmapd: info: ready\n" in self.logged() or self.ended(), "cmapd is ready")
        if self.process.returncode is not None:
            self.tell_log()
            raise AssertionError(f"cmapd did not start: status {self.process.returncode}")
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def ended(self):
        return not self.is_running()

    def end(self, number):
        """Sends a signal and returns the status it has ended with."""
        self.process.send_signal(number)
        try:
            status = self.process.wait(timeout=tap.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"cmapd did not end within {tap.PATIENCE:g} s of signal {number}") from None
        self.check_reports()
        return status

    def stop(self, number=signal.SIGTERM):
        tap.check(self.is_running(), "cmapd has ended by itself")
        tap.equal(self.end(number), 0, "status of cmapd")

    def kill(self):
        self.end(signal.SIGKILL)

    def restart(self):
        self.stop()
        return self.start()

    def reload(self):
        """SIGHUP; returns when cmapd has told what came of it."""
        at = len(self.logged())
        self.process.send_signal(signal.SIGHUP)
        tap.wait_until(lambda: re.search(r"reloaded\n|reload refused: .*\n", self.logged()[at:]), "reload")
        return self.logged()[at:]

    def close(self):
        """Ends what still runs, and clears up unless a test has failed."""
        if self.is_running():
            self.process.kill()
            self.process.wait()
        if not self.failed:
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- its log ----

    def logged(self):
        """What it has written since it was last started."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.log_at)
            return log.read()

    def tell_log(self):
        if not self.failed and os.path.exists(self.log):
            with open(self.log, encoding="utf-8", errors="replace") as log:
                tap.say(f"kept in {self.dir}; the end of cmapd's log:")
                tap.say("".join(log.readlines()[-100:]))
        self.failed = True

    def check_reports(self):
        text = self.logged()
        if any(report in text for report in REPORTS):
            raise AssertionError("a sanitizer has found something:\n" + text)

    def addresses(self, kind="udp"):
        """Where it listens: (host, port) of udp, tcp or http, in the order of the log."""
        found = re.findall(rf"listening on {kind} (\S+):(\d+)\n", self.logged())
        return [(host.strip("[]"), int(port)) for host, port in found]

    def address(self, family=4):
        return next(a for a in self.addresses() if (":" in a[0]) == (family == 6))

    # ---- its clients ----

    def connect(self, seconds=tap.PATIENCE):
        return UnixConnection(self.socket, seconds)

    def call(self, operation, body=None):
        connection = self.connect()
        try:
            return call(connection, operation, body)
        finally:
            connection.close()

    def refused(self, operation, body=None):
        """The error that the call must end with."""
        try:
            answer = self.call(operation, body)
        except ApiError as error:
            return error
        raise AssertionError(f"{operation} {body} was not refused: {answer}")

    def ctl(self, *words):
        return run(CMAPCTL, "--socket", self.socket, *words)

    def dig(self, name, qtype="A", *options, at=None):
        return dig_program.run(at or self.address(), name, qtype, *options)

    def ask(self, name, qtype="A", edns=None):
        """As dig, without a process: for many or for fast queries."""
        with wire.Udp(self.address()) as client:
            return wire.Message(client.ask(wire.query(name, qtype, edns=edns)))

    # ---- what is registered ----

    def status(self):
        return self.call("Cmap_v1.Status")

    def namespace(self, name, kind="PrivateDns", **members):
        """Makes a namespace; returns its id."""
        if kind == "PrivateDns":
            members.setdefault("Vpc", "vpc-1")
        operation = self.call(f"Create{kind}Namespace", {"Name": name, **members})["OperationId"]
        return self.call("GetOperation", {"OperationId": operation})["Operation"]["Targets"]["NAMESPACE"]

    def find(self, name):
        """The id of the service of this full name."""
        if name not in self.ids:
            self.ids[name] = self.call("Cmap_v1.FindService", {"Name": name})["Service"]["Id"]
        return self.ids[name]

    def service(self, name, records=(), routing=None, **members):
        """Makes a service; records: pairs of type and TTL. Returns its id."""
        found = self.call("Cmap_v1.FindService", {"Name": name})
        members.update(Name=found["ServiceName"], NamespaceId=found["Namespace"]["Id"])
        if records:
            members["DnsConfig"] = {"DnsRecords": [{"Type": t, "TTL": ttl} for t, ttl in records]}
            if routing:
                members["DnsConfig"]["RoutingPolicy"] = routing
        self.ids[name] = self.call("CreateService", members)["Service"]["Id"]
        return self.ids[name]

    def register(self, name, instance, ipv4=None, ipv6=None, port=None, cname=None, lease=None, **others):
        reserved = {"AWS_INSTANCE_IPV4": ipv4, "AWS_INSTANCE_IPV6": ipv6, "AWS_INSTANCE_PORT": port,
                    "AWS_INSTANCE_CNAME": cname, "CMAP_LEASE": lease}
        attributes = {k: str(v) for k, v in {**reserved, **others}.items() if v is not None}
        return self.call("RegisterInstance", {"ServiceId": self.find(name), "InstanceId": instance,
                                              "Attributes": attributes})

    def deregister(self, name, instance):
        return self.call("DeregisterInstance", {"ServiceId": self.find(name), "InstanceId": instance})

    def list(self, operation, member, body):
        """All pages of a list."""
        items, token = [], {}
        while True:
            page = self.call(operation, {**body, **token})
            items += page[member]
            if "NextToken" not in page:
                return items
            token = {"NextToken": page["NextToken"]}

    def instances(self, name):
        """What the service holds, by id, with what is left of the leases."""
        found = self.list("Cmap_v1.ListInstances", "Instances", {"ServiceId": self.find(name)})
        return {item["Id"]: item for item in found}

    def renew(self, *leases):
        """leases: pairs of a service's full name and an instance's id."""
        return self.call("Cmap_v1.RenewLeases", {"Leases": [
            {"ServiceName": name, "InstanceId": instance} for name, instance in leases]})


def database(path):
    """A connection to a registry's file that no cmapd has open."""
    if not HAS_SQLITE:
        raise tap.Skip("this python3 is built without sqlite3")
    return sqlite3.connect(path)


class SlowStore:
    """
    Holds the store's thread up for so many seconds whenever it syncs, as a stuck disk does. Other threads are not
    touched.
    """

    def __init__(self, d, seconds):
        strace = tap.need("strace", "strace")
        pid = d.process.pid
        threads = [t for t in os.listdir(f"/proc/{pid}/task")
                   if open(f"/proc/{pid}/task/{t}/comm", encoding="ascii").read() == "cmap-store\n"]
        tap.equal(len(threads), 1, "threads of the store")
        self.log = os.path.join(d.dir, "strace")
        self.errors = os.path.join(d.dir, "strace.err")
        with open(self.errors, "w", encoding="ascii") as errors:
            self.process = subprocess.Popen(
                [strace, "-p", threads[0], "-o", self.log, "-e", "trace=fdatasync,fsync",
                 "-e", f"inject=fdatasync,fsync:delay_enter={int(seconds * 1e6)}"],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        tap.wait_until(lambda: self.said() or self.process.poll() is not None, "strace says something")
        if "attached" not in self.said():
            self.process.wait()
            raise tap.Skip(f"strace cannot attach: {self.said()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def syncs(self):
        with open(self.log, encoding="ascii", errors="replace") as log:
            return len(re.findall(r"^f(?:data)?sync\(", log.read(), re.M))

    def said(self):
        with open(self.errors, encoding="ascii") as errors:
            return errors.read()
