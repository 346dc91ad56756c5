# SPDX-License-Identifier: MIT
"""
lab.py -- a VPC on one machine: each host of it is a network namespace, and everything it says stays in there.

    vpc 172.31.0.0/20    cmapd at 172.31.0.2, where a VPC has its resolver
    a   172.31.16.0/20   private subnet A, and 100.64.0.0/20 where a picture has a secondary range
    b   172.31.32.0/20   private subnet B, and 100.64.16.0/20
    internet.py          203.0.113.0/24 behind a NAT gateway, with no route back

A router, which has a bridge a subnet, joins them. Every host's /etc/resolv.conf names cmapd and nothing else, by
/etc/netns/NAME, which `ip netns exec` mounts over /etc: programs in there are as they are anywhere. Namespaces are
called cmapPID-HOST after the process that made them; those of a process that is gone are swept by the next one.
"""

import atexit
import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

# pylint: disable=wrong-import-position
import cmap
import dig as dig_program
import findings
import signed
import tap
# What pictures want of these.
# pylint: disable=unused-import
from cmap import environment
from tap import check, equal, wait_until

NETNS, ETC = "/run/netns", "/etc/netns"
RESOLVER = "172.31.0.2"
THREADS = 2  # of cmapd, for UDP, whatever the machine has
KEY = f"{signed.KEY}:{signed.SECRET}"
API = f"http://{signed.NAME}:8053"

# Of bridges: left to themselves they take their lowest port's, another one with each port, which hosts notice late.
MAC = "02:00:00:00:00"

# Where addresses belong, and the router's address there: the last one, because tasks are drawn with the first.
SUBNETS = [(bridge, ipaddress.ip_network(prefix)) for bridge, prefix in (
    ("vpc", "172.31.0.0/20"), ("a", "172.31.16.0/20"), ("b", "172.31.32.0/20"),
    ("a", "100.64.0.0/20"), ("b", "100.64.16.0/20"))]

# Whose names are not their packages'.
PACKAGES = {"dig": "bind9-dnsutils", "dnsmasq": "dnsmasq-base", "drill": "ldnsutils", "getent": "libc-bin",
            "ip": "iproute2", "java": "openjdk-17-jdk-headless", "javac": "openjdk-17-jdk-headless",
            "kdig": "knot-dnsutils", "musl-gcc": "musl-tools", "nft": "nftables", "node": "nodejs",
            "setpriv": "util-linux"}


def need(program):
    """Its path, or the test is skipped. A path is taken as it is."""
    path = program if os.path.isabs(program) else cmap.find(program)
    if path is None:
        raise tap.Skip(f"{program} is not installed (Debian package {PACKAGES.get(program, program)})")
    return path


def installed(path, package):
    """Where a file of the package is: there, or below build/clients. Or the test is skipped."""
    for found in (cmap.BUILD + "/clients" + path, path):
        if os.path.exists(found):
            return found
    raise tap.Skip(f"{path} is not installed (Debian package {package})")


LIBRARIES = [f"{place}/{sysconfig.get_config_var('MULTIARCH')}" for place in ("/usr/lib", "/lib")]


def with_libraries():
    """The environment of a program some of whose libraries are unpacked below build/clients."""
    return dict(environment(), LD_LIBRARY_PATH=":".join(cmap.BUILD + "/clients" + place for place in LIBRARIES))


def need_nss(service, package):
    """Skips the test unless glibc finds this service of nsswitch.conf, given with_libraries()."""
    for place in LIBRARIES:
        if any(os.path.exists(f"{root}{place}/libnss_{service}.so.2") for root in (cmap.BUILD + "/clients", "")):
            return
    raise tap.Skip(f"libnss_{service}.so.2 is not installed (Debian package {package})")


def own(name):
    """The path of a file beside this one."""
    return os.path.join(HERE, name)


def gateway(network):
    return network.broadcast_address - 1


def task(name, port):
    """The command of a task."""
    return sys.executable, "-BIS", own("task.py"), str(port), name


def subnet(address):
    """The bridge and the prefix of an address."""
    return next((bridge, net) for bridge, net in SUBNETS if ipaddress.ip_address(address) in net)


def skip_if_unsupported(said):
    """What ip or nft says where the kernel is built without what a picture is made of."""
    if "not supported" in said or "Unknown device type" in said:
        raise tap.Skip(f"the kernel has no such thing: {said}")


def ip(*lines, ns=None):
    """Commands of ip(8), a line each, in a namespace or in none."""
    where = ["-n", ns] if ns else []
    done = subprocess.run([need("ip"), *where, "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=tap.PATIENCE)
    if done.returncode != 0:
        skip_if_unsupported(done.stdout)
        raise AssertionError(f"ip {' '.join(where)}: {done.stdout}")


def write_etc(ns, name, text):
    with open(os.path.join(ETC, ns, name), "w", encoding="ascii") as out:
        out.write(text)


def resolver(address):
    return f"nameserver {address}\noptions timeout:2 attempts:3\n"


def write_resolver(ns, address):
    write_etc(ns, "resolv.conf", resolver(address))


def make_namespaces(*names):
    """With the name service of a host of the VPC."""
    for ns in names:
        os.makedirs(os.path.join(ETC, ns), exist_ok=True)
        write_etc(ns, "nsswitch.conf", "hosts: files dns\n")
        write_resolver(ns, RESOLVER)
    ip(*(f"netns add {ns}" for ns in names))


def identity(path):
    """Of the namespace behind a path."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


def remove_namespaces(names):
    """With all that runs in them."""
    inside = set()
    for ns in names:
        try:
            inside.add(identity(os.path.join(NETNS, ns)))
        except FileNotFoundError:
            pass
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if identity(f"/proc/{pid}/ns/net") in inside:
                os.kill(int(pid), signal.SIGKILL)
        except OSError:
            pass  # gone by now, or not ours to look at
    for ns in names:
        subprocess.run([need("ip"), "netns", "delete", ns], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(os.path.join(ETC, ns), ignore_errors=True)


def namespaces(pattern):
    """Those of this machine whose names match."""
    found = {name for place in (NETNS, ETC) if os.path.isdir(place) for name in os.listdir(place)}
    return sorted(name for name in found if re.fullmatch(pattern, name))


def sweep():
    """Removes what a lab that was killed has left. A process that nobody has reaped has no program any more."""
    remove_namespaces([ns for ns in namespaces(r"cmap\d+-.*")
                       if not os.path.exists(f"/proc/{ns[4:].split('-')[0]}/exe")])


def needs():
    """Skips the test where there can be no lab."""
    if os.geteuid() != 0:
        raise tap.Skip("network namespaces with names need root")
    for place in ("/etc", "/run"):
        if not os.access(place, os.W_OK):
            raise tap.Skip(f"{place} cannot be written")
    need("ip")
    need("setpriv")
    tried = cmap.run("unshare", "--net", "--mount", "true")
    if tried.status != 0:
        raise tap.Skip(f"no network namespaces here: {tried.err}")


class Program:
    """What runs on a host until the lab ends, and what it has written."""

    def __init__(self, host, name, words, env):
        self.name, self.log = name, os.path.join(host.vpc.cmapd.dir, f"{host.name}-{name}.log")
        with open(self.log, "wb") as log:
            self.process = host.popen(*words, stdout=log, stderr=log, cwd=host.vpc.cmapd.dir, env=env)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self):
        """Without a chance to say so."""
        self.process.kill()
        self.process.wait()

    def wait(self, condition, what):
        """Until condition() is true, as long as the program runs."""
        def ready():
            check(self.process.poll() is None, f"{self.name} has ended:\n{self.said()}")
            return condition()
        wait_until(ready, f"{self.name}: {what}")
        return self


class Host:
    """A network namespace, known to the shell as self.ns."""

    def __init__(self, vpc, name, address=None):
        self.vpc, self.name, self.address = vpc, name, address
        self.ns, self.programs = f"{vpc.id}-{name}", []

    def enter(self):
        """What a command begins with that is to run in here."""
        return ["ip", "netns", "exec", self.ns]

    def command(self, program, *words):
        entering, *rest = self.enter()
        return [need(entering), *rest, need(program), *words]

    def popen(self, program, *words, **options):
        """A process that ends with us, even if we are killed."""
        return subprocess.Popen(self.command("setpriv", "--pdeathsig", "KILL", "--", need(program), *words),
                                stdin=subprocess.DEVNULL, **options)

    def start(self, name, program, *words, env=None):
        started = Program(self, name, (program, *words), env or environment())
        self.programs.append(started)
        return started

    def kill(self):
        """Stops all that was started here."""
        for program in self.programs:
            program.stop()

    def run(self, program, *words, **options):
        return cmap.run(*self.command(program, *words), **options)

    def output(self, program, *words, **options):
        """What it writes; it must end with status 0."""
        ran = self.run(program, *words, **options)
        if ran.status != 0:
            raise AssertionError(f"{self.name}: {program} {' '.join(words)}: status {ran.status}\n{ran.out}{ran.err}")
        return ran.out

    def python(self, script, *words):
        """A script beside this file, on this host."""
        return self.output(sys.executable, "-BIS", own(script), *words, timeout=60)

    def serve(self, name, port=80):
        """A task that tells its name to whoever connects (task.py)."""
        started = self.start(f"{name}-{port}", *task(name, port))
        return started.wait(lambda: "ready" in started.said(), "it serves")

    def ip(self, *lines):
        ip(*lines, ns=self.ns)

    def nft(self, rules):
        ran = self.run("nft", rules)
        if ran.status != 0:
            skip_if_unsupported(ran.err)
            raise AssertionError(f"{self.name}: nft: {ran.err}")

    def sysctl(self, name, value):
        self.output("sh", "-c", f"echo {value} >/proc/sys/{name.replace('.', '/')}")

    # ---- clients ----

    def use_resolver(self, address):
        """Whom programs that are started here from now on ask."""
        write_resolver(self.ns, address)

    def dig(self, name, qtype="A", *options):
        return dig_program.Dig(self.output("dig", "+time=2", "+tries=2", name, qtype, *options))

    def getent(self, name):
        """Its IPv4 addresses, as a program that uses glibc tries them; none is no failure."""
        ran = self.run("getent", "ahostsv4", name, env=with_libraries())
        check(ran.status in (0, 2), ran)
        return [line.split()[0] for line in ran.out.splitlines() if "STREAM" in line]

    def get(self, url, *words):
        """A page by curl."""
        return self.output("curl", "-sS", "--fail-with-body", "--max-time", "10", *words, url).strip()

    def api(self, operation, body):
        """An operation of cmapd's API, called from here over TCP with a signed request: its answer."""
        target = operation if "." in operation else cmap.AWS + operation
        return json.loads(self.get(API, "--aws-sigv4", "aws:amz:us-east-1:servicediscovery", "--user", KEY,
                                   "-H", f"X-Amz-Target: {target}", "-d", json.dumps(body)))

    def connect(self, times, name, port=80):
        """That many connections, the name looked up anew for each (client.py): how many each task has had."""
        return json.loads(self.python("client.py", str(times), name, str(port)))


# A machine's own /etc and /run, hidden from all others: one that ends takes them along.
BOOT = """mount -t tmpfs lab /run && cp -a /etc /run/etc && mount --bind /run/etc /etc && echo "$0" >/run/lab || exit
echo ready
exec sleep infinity"""


class Machine(Host, findings.Patient):
    """
    A host whose /etc and /run are its own: for servers that have their files there, and for cmapctl doctor, who reads
    them all. It is entered by way of its first program.
    """

    init = None

    def boot(self):
        self.init = self.start("init", "sh", "-c", BOOT, self.ns)
        self.init.wait(lambda: "ready" in self.init.said(), "it boots")
        # What is written from now on must not be written to the machine that this runs on.
        equal(self.output("cat", "/run/lab").strip(), self.ns, "whose /run it is")

    def enter(self):
        if self.init is None:
            return super().enter()
        # Its root is another than the mount namespace's where all of this is in a chroot.
        return ["nsenter", f"--target={self.init.process.pid}", "--mount", "--net", "--root", "--wd"]

    def path(self, path):
        """Whence its file is seen from outside; folders are made."""
        outside = f"/proc/{self.init.process.pid}/root{path}"
        os.makedirs(os.path.dirname(outside), exist_ok=True)
        return outside

    def write(self, path, text):
        with open(self.path(path), "w", encoding="utf-8") as out:
            out.write(text)

    def read(self, path):
        """Nothing if there is no such file."""
        if not os.path.exists(self.path(path)):
            return ""
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def use_resolver(self, address):
        self.write("/etc/resolv.conf", resolver(address))

    def doctor(self, *words):
        return self.run(cmap.CMAPCTL, "doctor", "--json", *words)


class Cmapd(cmap.Daemon):
    """The real one, on a host."""

    def __init__(self, host, **settings):
        self.host = host
        super().__init__(start=False, **{"listen": [f"{RESOLVER}:53"], "api": f"{RESOLVER}:8053",
                                         "api_name": signed.NAME, **settings})
        self.configure(access_keys=signed.write_keys(self, f"{signed.KEY} {signed.SECRET}"))

    def launch(self):
        with open(self.log, "ab") as log:
            self.log_at = log.tell()
            self.process = self.host.popen(cmap.CMAPD, "--config", self.config, *self.options, stdout=log, stderr=log,
                                           env=environment(), cwd=self.dir)


class Vpc:
    """Router, subnets, and cmapd, which serves when this returns; one at a time. settings: of cmapd.conf."""

    last = None

    def __init__(self, **settings):
        needs()
        began = time.monotonic()
        sweep()
        if Vpc.last is not None:
            Vpc.last.close()
        Vpc.last = self
        self.id = f"cmap{os.getpid()}"
        self.hosts, self.cmapd = {}, None
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(1))
        self.router, dns = self.make({"router": None, "dns": RESOLVER})
        bridges = sorted({bridge for bridge, _ in SUBNETS})
        self.router.ip("link set lo up",
                       *(f"link add br-{bridge} address {MAC}:{i:02x} type bridge" for i, bridge in enumerate(bridges)),
                       *(f"link set br-{bridge} up" for bridge in bridges),
                       *(f"addr add {gateway(net)}/{net.prefixlen} dev br-{bridge}" for bridge, net in SUBNETS))
        self.router.sysctl("net.ipv4.ip_forward", 1)
        self.attach(dns)
        self.cmapd = Cmapd(dns, **{"namespace": ["internal"], "udp_threads": THREADS, **settings})
        self.cmapd.start()
        tap.say(f"the lab is up after {time.monotonic() - began:.2f} s: {self.id}-...")

    # ---- hosts ----

    def attach(self, host):
        """Plugs it into the bridge of its subnet."""
        bridge, net = subnet(host.address)
        host.ip(f"link add eth0 type veth peer name {host.name[-15:]} netns {self.router.ns}", "link set lo up",
                f"addr add {host.address}/{net.prefixlen} dev eth0", "link set eth0 up",
                f"route add default via {gateway(net)}")
        self.router.ip(f"link set {host.name[-15:]} master br-{bridge} up")

    def host(self, name, address, kind=Host):
        """One in the subnet that the address lies in."""
        host, = self.make({name: address}, kind)
        self.attach(host)
        return host

    def machine(self, name, address):
        """One with files of its own."""
        machine = self.host(name, address, Machine)
        machine.boot()
        return machine

    def make(self, addresses, kind=Host):
        """Hosts by name, in namespaces that have no network yet."""
        made = [kind(self, name, address) for name, address in addresses.items()]
        make_namespaces(*(host.ns for host in made))
        self.hosts.update((host.name, host) for host in made)
        return made

    def tasks(self, host, addresses):
        """
        A task each, by name, with an interface of its own on the host's (macvlan): as awsvpc mode gives it. They come
        up together, which saves time where there are many.
        """
        tasks = self.make(addresses)
        host.ip(*(f"link add link eth0 name eth0 netns {task.ns} type macvlan mode bridge" for task in tasks))
        for task in tasks:
            net = subnet(task.address)[1]
            task.ip("link set lo up", f"addr add {task.address}/{net.prefixlen} dev eth0", "link set eth0 up",
                    f"route add default via {gateway(net)}")
        return tasks

    def containers(self, host, addresses):
        """Tasks on a bridge inside the host, as Docker has them: 172.17.0.0/16, hidden behind the host's address."""
        host.ip(f"link add docker0 address {MAC}:ff type bridge", "link set docker0 up",
                "addr add 172.17.0.1/16 dev docker0")
        host.sysctl("net.ipv4.ip_forward", 1)
        host.nft("""table ip docker {
            chain in { type nat hook prerouting priority -100; }
            chain out { type nat hook postrouting priority 100; ip saddr 172.17.0.0/16 oifname eth0 masquerade; }
        }""")
        tasks = self.make(addresses)
        for i, task in enumerate(tasks):
            task.ip(f"link add eth0 type veth peer name veth{i} netns {host.ns}", "link set lo up",
                    f"addr add {task.address}/16 dev eth0", "link set eth0 up", "route add default via 172.17.0.1")
        host.ip(*(f"link set veth{i} master docker0 up" for i in range(len(tasks))))
        return tasks

    def internet(self):
        """What lies outside."""
        import internet  # pylint: disable=import-outside-toplevel
        self.hosts["internet"] = internet.Internet(self)
        return self.hosts["internet"]

    # ---- cmapd ----

    def ctl(self, *words):
        """What cmapctl says on cmapd's socket."""
        ran = self.cmapd.ctl(*words)
        if ran.status != 0:
            raise AssertionError(f"cmapctl {' '.join(words)}: status {ran.status}\n{ran.out}{ran.err}")
        return ran.out

    def task(self, name, address, port=80):
        """A host of its own with a task that serves."""
        host = self.host(name, address)
        host.serve(name, port)
        return host

    def musl(self):
        """lookup.c as a program that has musl in place of glibc: its path."""
        path = os.path.join(self.cmapd.dir, "lookup")
        if not os.path.exists(path):
            built = cmap.run(need("musl-gcc"), "-static", "-o", path, own("lookup.c"))
            check(built.status == 0, built.err)
        return path

    def write(self, name, text):
        """A file of the lab, such as a program's configuration: its path."""
        path = os.path.join(self.cmapd.dir, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    # ---- its life, as tap.py wants it ----

    def is_running(self):
        return self.cmapd.is_running()

    def tell_log(self):
        for program in (program for host in self.hosts.values() for program in host.programs):
            tap.say(f"{os.path.basename(program.log)}:\n{program.said()[-1000:]}")
        self.cmapd.tell_log()

    def stop(self):
        if os.environ.get("CMAP_LAB_KEEP"):
            self.keep()
        self.cmapd.stop()

    def keep(self):
        """Tells how to enter each host, and waits for a signal."""
        print("# the lab stays up until Ctrl-C; a shell on a host:")
        for name, host in self.hosts.items():
            print(f"#   {' '.join(host.enter())} sh   # {name} {host.address or ''}")
        print(f"#   {cmap.CMAPCTL} --socket {self.cmapd.socket} list", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass

    def close(self):
        for host in self.hosts.values():
            host.kill()
        if self.cmapd is not None:
            self.cmapd.close()
        remove_namespaces(namespaces(self.id + "-.*"))


def publish(host, port, task, to=80):
    """The host's port leads to the container's, as Docker publishes it."""
    host.nft(f"add rule ip docker in ip daddr {host.address} tcp dport {port} dnat to {task.address}:{to}")


def balanced(client, address, port, names):
    """A proxy at the address shares requests evenly among those tasks, as soon as it has heard of them."""
    def reached():
        ran = client.run(sys.executable, "-BIS", own("client.py"), str(2 * len(names)), address, str(port))
        return ran.status == 0 and sorted(json.loads(ran.out)) == sorted(names)
    wait_until(reached, f"the proxy reaches {names}", seconds=10)
    even(client.connect(40 * len(names), address, port), names)


def even(counts, names):
    """
    Each of them has had an equal share of the connections within 5 %, and nobody else any. Where that is less than
    two connections, two: each thread of cmapd goes round by itself.
    """
    tap.say(f"connections: {dict(counts)}")
    equal(sorted(counts), sorted(names), "who was reached")
    share = sum(counts.values()) / len(names)
    off = max(abs(count - share) for count in counts.values())
    check(off <= max(share / 20, THREADS), f"{off:g} off an equal share of {share:g}: {counts}")


def main(names, start):
    """Runs a picture. start() builds it for those of its tests that take one, and is not tried again if it cannot."""
    reasons = []

    def build():
        if reasons and isinstance(reasons[0], tap.Skip):
            raise reasons[0]
        check(not reasons, f"it could not be built: {reasons}")
        try:
            return start()
        except Exception as reason:  # a skip or a failure, of every test
            if Vpc.last is not None and Vpc.last.cmapd is not None and not isinstance(reason, tap.Skip):
                Vpc.last.tell_log()
            reasons.append(reason)
            raise
    tap.main(names, build)
