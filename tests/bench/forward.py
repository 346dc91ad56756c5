# SPDX-License-Identifier: MIT
"""forward.py -- cmapd as a forwarder beside dnsmasq and unbound, all of them asking one upstream that costs next to nothing.

Servers and upstream are pinned to one CPU, the load generator to another. Every round measures every server, in an order
that rotates; medians are printed, and medians of the ratios inside a round. Run by `make bench-forward`, options in
BENCH_FLAGS:

--rounds N   (5)       --seconds S  of each measurement (1)
--servers A,B          only these beside cmapd
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
import threading
import time

import bench
import servers
import workload
from servers import tap, wire

HOT_NAMES, COLD_NAMES = 1000, 150000
PACE = 1000  # of latencies, in queries a second; the generator sends each a step later than it counts from
QUEUE = 1000
LOCAL = "web.prod"


class Forwarder(servers.Server):
    """A server that asks the upstream."""

    upstream = 0  # its port

    @classmethod
    def find(cls):
        """Also where make bench-forward unpacks it."""
        places = [os.environ.get("PATH", ""), "/usr/sbin", "/sbin", os.path.join(servers.BUILD, "clients/usr/sbin")]
        return shutil.which(cls.program, path=os.pathsep.join(places))

    def prepare(self, _):
        """Most need no more than their command."""

    def is_ready(self):
        with wire.Udp(("127.0.0.1", self.port), seconds=0.3) as client:
            try:
                return wire.Message(client.ask(wire.query("ready.example", flags=wire.RD))).status == "NOERROR"
            except OSError:
                return False


class Direct(Forwarder):
    """The upstream itself."""

    name = "upstream"

    def command(self):
        return [servers.tool("echo"), str(self.port), "64", "answer"]


class Cmapd(Forwarder):
    name = "cmapd"

    def prepare(self, _):
        self.write("cmapd.conf", f"""listen = {{"127.0.0.1:{self.port}"}}
udp_threads = {self.threads}
socket = "{self.dir}/sock"
db = "{self.dir}/cmap.db"
namespace = {{"prod"}}
zone_dir = "{self.dir}"
forward = {{"127.0.0.1:{self.upstream}"}}
forward_queries = {QUEUE}
forward_cache = 256
""")
        self.write("prod.zone", "web 60 A 10.0.0.1\n")

    def command(self):
        return [os.path.join(servers.BUILD, "cmapd"), "--config", os.path.join(self.dir, "cmapd.conf")]


class Deaf(Cmapd):
    """cmapd with an upstream that is silent."""

    name = "cmapd-deaf"

    def is_ready(self):
        try:
            return self.ask(LOCAL, "A").status == "NOERROR"
        except OSError:
            return False


class Dnsmasq(Forwarder):
    name = program = "dnsmasq"

    def command(self):
        return [self.find(), "--keep-in-foreground", f"--port={self.port}", "--listen-address=127.0.0.1",
                "--bind-interfaces", "--conf-file=/dev/null", "--pid-file=", "--no-resolv", "--no-hosts", "--user=",
                f"--server=127.0.0.1#{self.upstream}", "--cache-size=500000", "--dns-forward-max=10000"]


class Unbound(Forwarder):
    name = program = "unbound"

    def prepare(self, _):
        self.write("unbound.conf", f"""server:
    interface: 127.0.0.1@{self.port}
    num-threads: {self.threads}
    username: ""
    chroot: ""
    directory: "{self.dir}"
    pidfile: "{self.dir}/unbound.pid"
    use-syslog: no
    do-ip6: no
    do-daemonize: no
    do-not-query-localhost: no
    module-config: "iterator"
    outgoing-range: 8192
    num-queries-per-thread: 4096
    msg-cache-size: 128m
    rrset-cache-size: 256m
    so-rcvbuf: 4m
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{self.upstream}
""")

    def command(self):
        return [self.find(), "-c", os.path.join(self.dir, "unbound.conf")]


class Filling(threading.Thread):
    """
    Keeps a deaf cmapd's queue full by names outside our zones. They come as evenly as they are given up some seconds
    later, each making room for the next.
    """

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.is_over, self.n = port, False, 0

    def run(self):
        with wire.Udp(("127.0.0.1", self.port)) as client:
            while not self.is_over:
                for _ in range(20):
                    client.send(wire.query(f"{self.n}.deaf.example", flags=wire.RD))
                    self.n += 1
                time.sleep(0.01)

    def is_full(self):
        """Where there is room, the query waits like the others, and there is no reply for seconds."""
        with wire.Udp(("127.0.0.1", self.port), seconds=0.2) as client:
            try:
                reply = wire.Message(client.ask(wire.query("full.example", flags=wire.RD, edns=wire.opt())))
            except OSError:
                return False
        return reply.ede() == [14]  # not ready

    def end(self):
        self.is_over = True
        self.join()


class Bench:
    def __init__(self, options, directory):
        self.options, self.dir = options, directory
        cpus = sorted(os.sched_getaffinity(0))
        self.cpu, self.load_cpu = cpus[0], cpus[-1]
        self.port, self.files = 15710, 0
        self.notes = []

    def start(self, kind, upstream=0):
        self.port += 1
        server = kind(self.dir, self.port, self.cpu)
        server.upstream = upstream
        server.prepare(None)
        server.start()
        return server

    def questions(self, names):
        """A file with these names, each having one address."""
        self.files += 1
        path = os.path.join(self.dir, f"questions-{self.files}")
        return workload.write(path, (f"{name} 1 0 1 0\n" for name in names))

    def cold(self, n):
        """A file of names that nobody has asked for yet."""
        return self.questions(f"{i}.cold{self.files}.example" for i in range(n))

    def load(self, server, questions, *options, seconds=None):
        return bench.load(server, questions, self.load_cpu, seconds or self.options.seconds, "-R", *options)

    def rounds(self, these):
        for n in range(self.options.rounds):
            k = n % len(these)
            yield these[k:] + these[:k]
            print(f"bench: round {n + 1} of {self.options.rounds}", file=sys.stderr)

    def run_forwarders(self, direct, those):
        samples = bench.Samples()
        hot = self.questions(f"{i}.hot.example" for i in range(HOT_NAMES))
        for server in those:
            self.load(server, hot, "-r", "20000", seconds=0.2)
        for order in self.rounds([direct, *those]):
            for server in order:
                slow = self.load(server, self.cold(2 * PACE), "-r", str(PACE))
                samples.add("latency", server.name, {**slow, "p50_us": slow["p50_us"] - 1e6 / PACE,
                                                     "p99_us": slow["p99_us"] - 1e6 / PACE})
                if server is direct:
                    continue
                samples.add("hot", server.name, self.load(server, hot))
                path = self.cold(COLD_NAMES)
                samples.add("cold", server.name, self.load(server, path, "-b", "8", "-w", "8"))
                os.remove(path)
        rows = [[mix, s, samples.median(mix, s, "qps") / 1e3, samples.ratio(mix, "cmapd", s, "qps"),
                 samples.median(mix, s, "cpu_us"), samples.ratio(mix, "cmapd", s, "cpu_us"),
                 samples.total(mix, s, "lost"), samples.total(mix, s, "wrong")]
                for mix in ("hot", "cold") for s in samples.servers(mix)]
        bench.print_table(f"Names outside our zones: {HOT_NAMES} that are in the cache, and others asked for once, 64 at a time.",
                          [("names", ""), ("server", ""), ("kqps", "%.1f"), ("cmapd/it", "%.2f"), ("CPU us/query", "%.2f"),
                           ("cmapd/it", "%.2f"), ("lost", "%.0f"), ("wrong", "%.0f")], rows)
        rows = [[s, samples.median("latency", s, "p50_us"),
                 samples.median("latency", s, "p50_us") - samples.median("latency", direct.name, "p50_us"),
                 samples.median("latency", s, "p99_us"), samples.total("latency", s, "lost")]
                for s in samples.servers("latency")]
        bench.print_table(f"Latency of names that are asked for once, {PACE} a second.",
                          [("server", ""), ("p50 us", "%.0f"), ("added", "%.0f"), ("p99 us", "%.0f"), ("lost", "%.0f")], rows)

    def run_deaf(self):
        """Local names while nothing comes from the upstream and the queue is full."""
        local = self.questions([LOCAL])
        samples = bench.Samples()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            alone, deaf = self.start(Deaf, silent.getsockname()[1]), self.start(Deaf, silent.getsockname()[1])
            filling = Filling(deaf.port)
            filling.start()
            tap.wait_until(filling.is_full, "the queue is full")
            for order in self.rounds([("alone", alone), ("queue full", deaf)]):
                for case, server in order:
                    samples.add("local", case, self.load(server, local))
                tap.wait_until(filling.is_full, "the queue is still full", 2)
            filling.end()
        rows = [[case, samples.median("local", case, "qps") / 1e3, samples.ratio("local", case, "alone", "qps"),
                 samples.median("local", case, "cpu_us"), samples.total("local", case, "lost"),
                 samples.total("local", case, "wrong")] for case in samples.servers("local")]
        bench.print_table(f"A local name while the upstream is silent and {QUEUE} queries wait for it.",
                          [("queue", ""), ("kqps", "%.0f"), ("by alone", "%.3f"), ("CPU us/query", "%.2f"),
                           ("lost", "%.0f"), ("wrong", "%.0f")], rows)
        alone.stop()
        deaf.stop()

    def run(self):
        print(f"{self.options.rounds} rounds of {self.options.seconds:g} s; servers and upstream on CPU {self.cpu}, "
              f"generator on CPU {self.load_cpu}", flush=True)
        direct, those = self.start(Direct), []
        for kind in (Cmapd, Dnsmasq, Unbound):
            if self.options.servers and kind is not Cmapd and kind.name not in self.options.servers.split(","):
                continue
            if kind.program is not None and kind.find() is None:
                print(f"bench: without {kind.name}: it is not installed", file=sys.stderr)
            else:
                those.append(self.start(kind, direct.port))
        self.run_forwarders(direct, those)
        for server in [direct, *those]:
            server.stop()
        self.run_deaf()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--servers")
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="cmap-bench-")
    try:
        Bench(options, directory).run()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
