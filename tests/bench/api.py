# SPDX-License-Identifier: MIT
"""api.py -- what the API costs: registrations, discovery and renewals a second, memory, and the time of a start.

cmapd, the load generator and a bare SQLite program run on the same two CPUs. Every round measures each of them once,
so that what drifts from round to round falls out of the ratios inside a round, of which the medians are printed. Run
by `make bench-api`, options in BENCH_FLAGS:

--quick        fewer and smaller rounds       --rounds N   (5)
--only PARTS   of register,discover,renew,visible,start; all unless given
--dir DIR      where the files are, on a disk: the current directory

A registration is two rows, that of the instance and that of its operation, here as in the bare program, which has the
same file, statements, WAL and synchronous=FULL. "of bare" divides registrations by the bare program's registrations,
"of rows" by the rows of instances that it inserts when it writes nothing else.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

import bench
import servers
import start
import workload

import cmap  # servers has told where it is
import wire

PARTS = ["register", "discover", "renew", "visible", "start"]
ZONE = workload.ZONE
SERVICES = 100
OPERATIONS = 10000  # that are kept, by store_bench's bare program, too
CONNECTIONS = (1, 64)
LEASES = 10000
BATCH = 500
TARGETS = {1: 0.7, 64: 0.5}


def attributes(k, lease):
    return {"AWS_INSTANCE_IPV4": f"10.{k >> 16 & 255}.{k >> 8 & 255}.{k & 255}", "AWS_INSTANCE_PORT": "8080",
            **({"CMAP_LEASE": lease} if lease else {})}


def instance_id(k):
    """As long as store_bench's, and in no order of the index either."""
    return f"i-{k * 0x9E3779B97F4A7C15 % (1 << 64):016x}"


class Bench:
    def __init__(self, options, directory):
        self.options, self.dir = options, directory
        self.file = os.path.join(directory, "requests")

    def daemon(self, n=SERVICES):
        """An empty cmapd with n services of one namespace, s0 to s(n - 1)."""
        for name in ("cmap.db", "cmap.db-wal"):
            if os.path.exists(os.path.join(self.dir, name)):
                os.unlink(os.path.join(self.dir, name))
        d = cmap.Daemon(namespace=[ZONE], operations=OPERATIONS, db=os.path.join(self.dir, "cmap.db"))
        for s in range(n):
            d.service(f"s{s}.{ZONE}", [("A", 60)])
        return d

    def load(self, d, requests, connections, *options):
        """Sends pairs of an operation and its input, as JSON without blanks; what api_load prints."""
        workload.write(self.file, (f"{operation if '.' in operation else cmap.AWS + operation} "
                                   f"{json.dumps(body, separators=(',', ':'))}\n"
                                   for operation, body in requests))
        return servers.run_tool(["api_load", "-c", str(connections), *options, d.socket, self.file], None, 600)

    def register(self, d, n, connections, lease="30s"):
        return self.load(d, (("RegisterInstance", {"ServiceId": d.ids[f"s{k % SERVICES}.{ZONE}"],
                                                   "InstanceId": instance_id(k), "Attributes": attributes(k, lease)})
                             for k in range(n)), connections)

    def bare(self, batch, n, *options):
        return servers.run_tool(["store_bench", "-b", str(batch), "-n", str(n), *options, self.dir], None, 600)

    def rounds(self, cases):
        """The cases of each round, in an order that rotates."""
        for n in range(self.options.rounds):
            k = n % len(cases)
            yield from cases[k:] + cases[:k]
            print(f"bench: round {n + 1} of {self.options.rounds}", file=sys.stderr)

    # ---- parts ----

    def measure_registration(self, case):
        connections, program = case
        n = self.options.registrations // (1 if connections > 1 else 10)
        if program == "bare":
            return self.bare(connections, n)
        if program == "rows":
            return self.bare(connections, n, "-i")
        with self.daemon() as d:
            return self.register(d, n, connections)

    def run_register(self):
        """As many registrations in each transaction of the bare program as there are connections to cmapd."""
        samples = bench.Samples()
        for case in self.rounds([(c, program) for c in CONNECTIONS for program in ("bare", "cmapd", "rows")]):
            samples.add(*case, self.measure_registration(case))
        rows = [[str(c), *(samples.median(c, program, "rate") for program in ("cmapd", "bare", "rows")),
                 samples.ratio(c, "cmapd", "bare", "rate"), samples.ratio(c, "cmapd", "rows", "rate"), TARGETS[c],
                 samples.median(c, "cmapd", "p50_ms"), samples.median(c, "cmapd", "p99_ms")] for c in CONNECTIONS]
        bench.print_table(
            "RegisterInstance, durable and visible. bare: so many registrations a transaction; rows: rows of instances.",
            [("connections", ""), ("cmapd/s", "%.0f"), ("bare/s", "%.0f"), ("rows/s", "%.0f"), ("of bare", "%.2f"),
             ("of rows", "%.2f"), ("wanted", "%.2f"), ("p50 ms", "%.2f"), ("p99 ms", "%.2f")], rows)

    def run_discover(self):
        """Services of 10, 100 and 1,000 instances, and the last with all of them asked for."""
        samples = bench.Samples()
        sizes = [(10, 100), (100, 100), (1000, 100), (1000, 1000)]
        with self.daemon(0) as d:
            for n in sorted({n for n, _ in sizes}):
                service = d.service(f"d{n}.{ZONE}", [("A", 60)])
                self.load(d, (("RegisterInstance", {"ServiceId": service, "InstanceId": instance_id(k),
                                                    "Attributes": attributes(k, "1h")}) for k in range(n)), 64)
            for (n, given), connections in self.rounds([(size, c) for size in sizes for c in CONNECTIONS]):
                body = {"NamespaceName": ZONE, "ServiceName": f"d{n}", "MaxResults": given}
                if len(d.call("DiscoverInstances", body)["Instances"]) != min(n, given):
                    raise servers.Failed(f"DiscoverInstances does not give {given} of {n}")
                samples.add((n, given), connections, self.load(d, [("DiscoverInstances", body)], connections, "-s",
                                                               str(self.options.seconds)))
        rows = [[f"{n:,}", f"{given:,}", str(c)] + [samples.median((n, given), c, value)
                                                    for value in ("rate", "p50_ms", "p99_ms")]
                for n, given in sizes for c in CONNECTIONS]
        bench.print_table("DiscoverInstances.",
                          [("instances", ""), ("MaxResults", ""), ("connections", "%s"), ("a second", "%.0f"),
                           ("p50 ms", "%.3f"), ("p99 ms", "%.3f")], rows)

    def run_renew(self):
        """10,000 leases of 100 services, one service after the other; and 500 of one service, whose ids alone are sent."""
        samples = bench.Samples()
        with self.daemon() as d:
            self.register(d, LEASES, 64, lease="1h")
            leases = [{"ServiceId": d.ids[f"s{s}.{ZONE}"], "InstanceId": instance_id(k)}
                      for s in range(SERVICES) for k in range(s, LEASES, SERVICES)]
            service = d.service(f"one.{ZONE}", [("A", 60)])
            self.load(d, (("RegisterInstance", {"ServiceId": service, "InstanceId": instance_id(k),
                                                "Attributes": attributes(k, "1h")}) for k in range(BATCH)), 64)
            bodies = {(size, "of any service"): [{"Leases": leases[i:i + size]} for i in range(0, LEASES, size)]
                      for size in (1, BATCH)}
            bodies[BATCH, "of one service"] = [{"ServiceId": service, "InstanceIds": list(map(instance_id, range(BATCH)))}]
            for (size, _), requests in bodies.items():
                if d.call("Cmap_v1.RenewLeases", requests[0]) != {"Renewed": size, "Failed": []}:
                    raise servers.Failed("RenewLeases does not renew all")
            for case, connections in self.rounds([(case, c) for case in bodies for c in CONNECTIONS]):
                requests = (("Cmap_v1.RenewLeases", body) for body in bodies[case])
                samples.add(case, connections, self.load(d, requests, connections, "-s", str(self.options.seconds)))
        rows = [[f"{size} {kind}", f"{c}", samples.median((size, kind), c, "rate") * size,
                 500000 if size > 1 else None, samples.median((size, kind), c, "p50_ms"),
                 samples.median((size, kind), c, "p99_ms")]
                for size, kind in bodies for c in CONNECTIONS]
        bench.print_table("RenewLeases, leases a second.",
                          [("in a call", ""), ("connections", ""), ("renewals/s", "%.0f"), ("wanted", "%.0f"),
                           ("p50 ms", "%.3f"), ("p99 ms", "%.3f")], rows)

    def run_visible(self):
        """One registration after the other, each asked for by DNS as soon as it is acknowledged."""
        n = self.options.registrations // 4
        missed = 0
        with self.daemon() as d:
            connection = d.connect()
            for k in range(n):
                name, given = f"s{k % SERVICES}.{ZONE}", attributes(k, None)
                cmap.call(connection, "RegisterInstance", {"ServiceId": d.ids[name], "InstanceId": "i-1",
                                                           "Attributes": given})
                # A new port each time: any of cmapd's threads may have to answer.
                missed += d.ask(name).values() != [given["AWS_INSTANCE_IPV4"]]
            connection.close()
        print(f"\nAcknowledged and not in DNS at once, of {n:,} registrations: {missed} (wanted: 0)")

    def run_start(self):
        """Starts with so many instances; memory beside that of as many services with an instance each."""
        sizes = {1000: None, 100000: 0.3, 1000000: 3.0}
        medians = {}
        for n in sizes:
            options = argparse.Namespace(instances=n, services=1000, lease="1h", runs=self.options.rounds,
                                         cmapd=cmap.CMAPD)
            path = os.path.join(self.dir, "registry.db")
            start.make_database(options, self.dir, path)
            runs = [start.run_once(options, self.dir, path) for _ in range(options.runs)]
            medians[n] = [statistics.median(column) for column in zip(*runs)]
            print(f"bench: {n} instances, {options.runs} starts", file=sys.stderr)
        rows = [[f"{n:,}", medians[n][0], wanted, medians[n][4]] for n, wanted in sizes.items()]
        bench.print_table("From the start to the first answer.",
                          [("instances", ""), ("s", "%.3f"), ("wanted", "%.1f"), ("RSS MB", "%.1f")], rows)
        own = statistics.mean(self.octets(start.attributes(options, k)) for k in range(0, 1000000, 101))
        self.tell_memory("after a start", medians[1000][4], medians[1000000][4], own)
        if not self.options.quick:
            self.run_memory()

    @staticmethod
    def octets(text):
        """Of the keys and values alone, in attributes as they are stored, "KEY VALUE" a line."""
        return len(text) - 2 * text.count("\n")

    @staticmethod
    def tell_memory(when, few_mb, many_mb, own):
        each = (many_mb - few_mb) * (1 << 20) / (1000000 - 1000)
        print(f"memory of an instance {when}: {each:.0f} bytes, of which its attributes' keys and values {own:.0f}; "
              f"beyond these {each - own:.0f} (wanted: 350 or less)", flush=True)

    def run_memory(self):
        """The same when all of them came through the API."""
        n = 1000000
        with self.daemon(1000) as d:
            measured = []
            ids = list(d.ids.values())
            for first, end in ((0, 1000), (1000, n)):
                out = self.load(d, (("RegisterInstance", {"ServiceId": ids[k % 1000], "InstanceId": f"i-{k:07x}",
                                                          "Attributes": attributes(k, "1h")})
                                    for k in range(first, end)), 128)
                measured.append(start.memory_mb(d.process.pid)[0])
        own = statistics.mean(sum(map(len, attributes(k, "1h"))) + sum(map(len, attributes(k, "1h").values()))
                              for k in range(0, n, 101))
        self.tell_memory(f"when all were registered, at {out['rate']:.0f}/s", *measured, own)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only")
    parser.add_argument("--dir", default=".")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = 0.2 if options.quick else 1
    options.registrations = 10000 if options.quick else 40000
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[0], cpus[-1]})  # what is started from here has the same
    directory = tempfile.mkdtemp(prefix="cmap-bench-", dir=os.path.abspath(options.dir))
    print(f"{options.rounds} rounds; everything on CPUs {cpus[0]} and {cpus[-1]}", flush=True)
    try:
        for part in options.only.split(",") if options.only else PARTS:
            getattr(Bench(options, directory), "run_" + part)()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
