# SPDX-License-Identifier: MIT
"""bench.py -- cmapd beside gdnsd, Knot, NSD and a bare echo server, on the same records.

One server thread is pinned to one CPU and the load generator to another. Every round measures every server on every
mix, in an order that rotates; what drifts from round to round falls out of the ratios inside a round, of which the
medians are printed. Run by `make bench`, options in BENCH_FLAGS:

--quick          short rounds, fewer of them
--rounds N       (5)       --seconds S    of each measurement (1)
--servers A,B    only these beside cmapd      --nsd PATH    another nsd
--only PARTS     of udp,peak,latency,tcp,changes,size,two,million; all but the last unless given
--million        the part "million", too: 1,000,000 instances; takes a minute or two more
--edns           queries carry an OPT record
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time

import servers
import workload

PARTS = ["udp", "peak", "latency", "tcp", "changes", "size", "two"]
MIX = "70/15/10/5"
FIRST_PORT = 15310


class Samples:
    """What was measured: by mix and server a list with a place for each round."""

    def __init__(self):
        self.by_key = {}

    def add(self, mix, server, sample):
        self.by_key.setdefault((mix, server), []).append(sample)

    def median(self, mix, server, value):
        return statistics.median(s[value] for s in self.by_key[mix, server])

    def total(self, mix, server, value):
        return sum(s[value] for s in self.by_key[mix, server])

    def ratio(self, mix, one, other, value):
        """The median over the rounds of one's value by the other's."""
        pairs = zip(self.by_key[mix, one], self.by_key[mix, other])
        return statistics.median(a[value] / b[value] if b[value] else 0 for a, b in pairs)

    def mixes(self):
        return list(dict.fromkeys(mix for mix, _ in self.by_key))

    def servers(self, mix):
        return [server for m, server in self.by_key if m == mix]


def load(server, questions, cpu, seconds, *options):
    """Runs the generator against a server; what it prints, and the CPU time of each answered query in us."""
    before = server.cpu_ns()
    out = servers.run_tool(["dns_bench", "-s", str(seconds), *(["-x"] if server.is_echo else []), *options,
                            "127.0.0.1", str(server.port), questions], cpu, 30 + 3 * seconds)
    after = server.cpu_ns()
    total, user, system = (b - a for a, b in zip(before, after))
    answered = max(out["all"], 1)
    out["cpu_us"] = total / 1e3 / answered
    out["user_us"] = out["cpu_us"] * user / max(user + system, 1)
    return out


def print_table(title, columns, rows):
    """columns: (heading, format) pairs; the first is text."""
    print(f"\n{title}")
    lines = [[heading for heading, _ in columns]]
    for row in rows:
        lines.append(["-" if cell is None else (cell if isinstance(cell, str) else form % cell)
                      for cell, (_, form) in zip(row, columns)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for n, line in enumerate(lines):
        text = [cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths))]
        print("| " + " | ".join(text) + " |")
        if n == 0:
            print("|" + "|".join("-" * (w + 2) for w in widths) + "|")


class Bench:
    def __init__(self, options, directory):
        self.options, self.dir = options, directory
        self.edns = ["-e", "1232"] if options.edns else []
        cpus = sorted(os.sched_getaffinity(0))
        self.cpu, self.load_cpu = cpus[0], cpus[-1]
        self.port = FIRST_PORT
        self.registry = workload.Registry(workload.SMALL_COUNTS)
        self.questions = {}
        self.notes = []
        self.udp = Samples()
        if len(cpus) < 2:
            self.notes.append("there is one CPU only: server and generator share it")

    def note(self, text):
        print(f"bench: {text}", file=sys.stderr)
        self.notes.append(text)

    # ---- servers ----

    def start(self, kind, registry, cpu, threads=1):
        self.port += 1
        server = kind(self.dir, self.port, cpu, threads)
        server.prepare(registry)
        server.start()
        try:
            if isinstance(server, servers.Cmapd):
                began = time.monotonic()
                out = server.fill(self.load_cpu)
                print(f"bench: {registry.n_services()} services, {registry.n_instances()} instances registered in "
                      f"{time.monotonic() - began:.1f} s, instances at {out['rate']:.0f}/s", file=sys.stderr)
            server.check(registry)
        except (OSError, servers.Failed):
            server.stop()
            raise
        return server

    def start_all(self, registry, kinds, cpu, threads=1):
        started = []
        for kind in kinds:
            try:
                started.append(self.start(kind, registry, cpu, threads))
            except (OSError, servers.Failed) as error:
                if kind is servers.Cmapd:
                    raise
                self.note(f"without {kind.name}: {error}")
        return started

    def kinds(self):
        found = [servers.Echo, servers.Cmapd]
        for kind in (servers.Gdnsd, servers.Knot, servers.Nsd):
            if self.options.servers and kind.name not in self.options.servers.split(","):
                continue
            if kind is servers.Nsd and self.options.nsd:
                kind.find = classmethod(lambda cls: self.options.nsd)
            if kind.find() is None:
                self.note(f"without {kind.name}: {kind.program} is not installed")
            else:
                found.append(kind)
        return found

    def questions_for(self, server):
        """The files of all mixes, as this server answers them."""
        if server.additional not in self.questions:
            self.questions[server.additional] = workload.write_questions(self.registry, self.dir, workload.ALL_MIXES,
                                                                         server.additional)
        return self.questions[server.additional]

    def rounds(self, all_servers):
        """(number, servers in this round's order)"""
        for n in range(self.options.rounds):
            k = n % len(all_servers)
            yield n, all_servers[k:] + all_servers[:k]

    # ---- parts ----

    def run_udp(self, all_servers):
        for n, order in self.rounds(all_servers):
            for mix in workload.ALL_MIXES:
                for server in order:
                    if mix in workload.LEASED and not server.is_echo and server.name != "cmapd":
                        continue
                    questions = self.questions_for(server)[mix]
                    self.udp.add(mix, server.name, load(server, questions, self.load_cpu, self.options.seconds,
                                                        *self.edns))
            print(f"bench: round {n + 1} of {self.options.rounds}", file=sys.stderr)

    def print_udp(self):
        rows = []
        for mix in self.udp.mixes():
            for server in self.udp.servers(mix):
                def median(value, server=server, mix=mix):
                    return self.udp.median(mix, server, value)
                rows.append([mix, server, median("qps") / 1e3, self.udp.ratio(mix, "cmapd", server, "qps"),
                             median("cpu_us"), self.udp.ratio(mix, "cmapd", server, "cpu_us"),
                             statistics.mean(s["user_us"] for s in self.udp.by_key[mix, server]),
                             self.udp.total(mix, server, "lost"), self.udp.total(mix, server, "wrong"),
                             100 * median("waiting")])
        print_table(
            "UDP. cmapd/it: median of the ratios inside each round. idle: share of its time that the generator waited.",
            [("mix", ""), ("server", ""), ("kqps", "%.0f"), ("cmapd/it", "%.2f"), ("CPU us/query", "%.2f"),
             ("cmapd/it", "%.2f"), ("of it user", "%.2f"), ("lost", "%.0f"), ("wrong", "%.0f"), ("idle %", "%.0f")],
            rows)

    def run_peak(self, all_servers):
        """UDP GSO makes the generator outrun every server; but each query so sent costs the server more, too."""
        samples = Samples()
        for _, order in self.rounds(all_servers):
            for server in order:
                questions = self.questions_for(server)[MIX]
                samples.add(MIX, server.name, load(server, questions, self.load_cpu, self.options.seconds, "-g",
                                                   *self.edns))
        rows = [[s, samples.median(MIX, s, "qps") / 1e3, samples.ratio(MIX, "cmapd", s, "qps"),
                 samples.median(MIX, s, "cpu_us"), samples.ratio(MIX, "cmapd", s, "cpu_us"),
                 100 * samples.median(MIX, s, "waiting")] for s in samples.servers(MIX)]
        print_table(f"UDP at the servers' limit: a generator with UDP GSO, mix {MIX}.",
                    [("server", ""), ("kqps", "%.0f"), ("cmapd/it", "%.2f"), ("CPU us/query", "%.2f"),
                     ("cmapd/it", "%.2f"), ("idle %", "%.0f")], rows)

    def run_latency(self, all_servers):
        samples = Samples()
        for _, order in self.rounds(all_servers):
            for server in order:
                half = self.udp.median(MIX, server.name, "qps") / 2
                questions = self.questions_for(server)[MIX]
                samples.add(MIX, server.name, load(server, questions, self.load_cpu, self.options.seconds, "-r",
                                                   f"{half:.0f}", *self.edns))
        rows = [[s, samples.median(MIX, s, "qps") / 1e3, samples.median(MIX, s, "p50_us"),
                 samples.median(MIX, s, "p99_us"), samples.median(MIX, s, "cpu_us"), samples.total(MIX, s, "lost"),
                 *self.memory[s]] for s in samples.servers(MIX)]
        print_table(f"Latency at half of its own load, mix {MIX}; memory with {self.registry.n_instances()} instances.",
                    [("server", ""), ("kqps", "%.0f"), ("p50 us", "%.0f"), ("p99 us", "%.0f"), ("CPU us/query", "%.2f"),
                     ("lost", "%.0f"), ("RSS MB", "%.1f"), ("PSS MB", "%.1f")], rows)

    def run_tcp(self, all_servers):
        samples = Samples()
        for _, order in self.rounds([s for s in all_servers if s.has_tcp]):
            for server in order:
                questions = self.questions_for(server)[MIX]
                samples.add(MIX, server.name, load(server, questions, self.load_cpu, self.options.seconds, "-t",
                                                   *self.edns))
        rows = [[s, samples.median(MIX, s, "qps") / 1e3, samples.ratio(MIX, "cmapd", s, "qps"),
                 samples.median(MIX, s, "cpu_us"), samples.ratio(MIX, "cmapd", s, "cpu_us"),
                 statistics.mean(x["user_us"] for x in samples.by_key[MIX, s]), samples.total(MIX, s, "lost"),
                 samples.total(MIX, s, "wrong")] for s in samples.servers(MIX)]
        print_table(f"TCP, 32 connections with 16 queries on the way each, mix {MIX}.",
                    [("server", ""), ("kqps", "%.0f"), ("cmapd/it", "%.2f"), ("CPU us/query", "%.2f"),
                     ("cmapd/it", "%.2f"), ("of it user", "%.2f"), ("lost", "%.0f"), ("wrong", "%.0f")], rows)

    def run_changes(self, cmapd):
        """With 1,000 registrations a second, and without."""
        seconds = self.options.seconds * 1.5
        eight = workload.INSTANCES["eight"] * self.registry.counts["eight"]
        changes = cmapd.write_changes("eight", 2 * eight)
        questions = self.questions_for(cmapd)[MIX]
        half = self.udp.median(MIX, "cmapd", "qps") / 2
        samples = Samples()
        writes = []
        cases = [("none", None), ("other threads beside the generator", self.load_cpu), ("all on one CPU", self.cpu)]
        for _, order in self.rounds(cases):
            for case, cpu in order:
                cmapd.join_threads()
                if cpu == self.load_cpu:
                    cmapd.split_threads(cpu)
                api = None
                if cpu is not None:
                    api = servers.begin_tool(["api_load", "-c", "16", "-r", "1000", "-s", str(2.2 * seconds + 0.7),
                                              cmapd.socket, changes], self.load_cpu)
                    time.sleep(0.2)
                before = cmapd.answering_ns()
                fast = load(cmapd, questions, self.load_cpu, seconds, *self.edns)
                fast["answering_us"] = (cmapd.answering_ns() - before) / 1e3 / max(fast["all"], 1)
                slow = load(cmapd, questions, self.load_cpu, seconds, "-r", f"{half:.0f}", *self.edns)
                samples.add(MIX, case, {**fast, "p50_us": slow["p50_us"], "p99_us": slow["p99_us"]})
                if api is not None:
                    writes.append(servers.finish_tool(api))
        cmapd.join_threads()
        rows = [[case, samples.median(MIX, case, "qps") / 1e3, samples.ratio(MIX, case, "none", "qps"),
                 samples.median(MIX, case, "answering_us"), samples.ratio(MIX, case, "none", "answering_us"),
                 samples.median(MIX, case, "p50_us"), samples.median(MIX, case, "p99_us"),
                 samples.ratio(MIX, case, "none", "p99_us"),
                 samples.total(MIX, case, "lost"), samples.total(MIX, case, "wrong")] for case, _ in cases]
        print_table(f"cmapd while 1,000 registrations a second change the answers, mix {MIX}; p50 and p99 at half load.",
                    [("registrations", ""), ("kqps", "%.0f"), ("by none", "%.3f"), ("UDP thread us/query", "%.2f"),
                     ("by none", "%.2f"), ("p50 us", "%.0f"), ("p99 us", "%.0f"), ("by none", "%.2f"), ("lost", "%.0f"), ("wrong", "%.0f")],
                    rows)
        print(f"registrations: {statistics.median(w['rate'] for w in writes):.0f}/s, median of p50 "
              f"{statistics.median(w['p50_ms'] for w in writes):.2f} ms, of p99 "
              f"{statistics.median(w['p99_ms'] for w in writes):.2f} ms")

    def run_size(self):
        """What a registration costs in a small service and in a large one."""
        cmapd = self.start(servers.Cmapd, workload.Registry(workload.SIZE_COUNTS), self.cpu)
        n = 200 if self.options.quick else 1000
        kinds = [k for k in workload.SIZE_COUNTS if k != "one"]
        samples = Samples()
        for _, order in self.rounds(kinds):
            for kind in order:
                before = cmapd.cpu_ns()[0]
                out = servers.run_tool(["api_load", "-c", "1", cmapd.socket, cmapd.write_changes(kind, n)],
                                       self.load_cpu, 60)
                samples.add("size", kind, {**out, "cpu_us": (cmapd.cpu_ns()[0] - before) / 1e3 / out["requests"]})
        cmapd.stop()
        rows = [[f"{workload.INSTANCES[k]:,}", samples.median("size", k, "cpu_us"),
                 samples.ratio("size", k, "ten", "cpu_us"), samples.median("size", k, "p50_ms"),
                 samples.median("size", k, "p99_ms")] for k in kinds]
        print_table("A registration that changes an instance's address, one after the other.",
                    [("instances", ""), ("CPU us", "%.0f"), ("by 10", "%.2f"), ("p50 ms", "%.2f"), ("p99 ms", "%.2f")],
                    rows)

    def run_two(self, kinds):
        """Two workers, nothing pinned."""
        pair = self.start_all(self.registry, [k for k in kinds if k in (servers.Cmapd, servers.Gdnsd)], None, 2)
        samples = Samples()
        for _, order in self.rounds(pair):
            for server in order:
                questions = self.questions_for(server)[MIX]
                samples.add(MIX, server.name, load(server, questions, None, self.options.seconds, *self.edns))
        rows = [[s, samples.median(MIX, s, "qps") / 1e3, samples.ratio(MIX, "cmapd", s, "qps"),
                 samples.median(MIX, s, "cpu_us"), samples.ratio(MIX, "cmapd", s, "cpu_us"),
                 samples.total(MIX, s, "lost"), samples.total(MIX, s, "wrong")] for s in samples.servers(MIX)]
        print_table(f"Two workers, nothing pinned, mix {MIX}.",
                    [("server", ""), ("kqps", "%.0f"), ("cmapd/it", "%.2f"), ("CPU us/query", "%.2f"),
                     ("cmapd/it", "%.2f"), ("lost", "%.0f"), ("wrong", "%.0f")], rows)
        for server in pair:
            server.stop()

    def run_million(self, small):
        registry = workload.Registry(workload.BIG_COUNTS, 1000000)
        big = self.start(servers.Cmapd, registry, self.cpu)
        rss, pss = big.memory_mb()
        big.stop()
        began = time.monotonic()
        big.start()
        cold = time.monotonic() - began
        rss_cold, pss_cold = big.memory_mb()
        questions = workload.write_questions(registry, self.dir, workload.BIG, big.additional)
        baseline = self.questions_for(small)
        same = dict(zip(workload.BIG, ("one A", "eight of 100 A", MIX)))
        samples = Samples()
        for n, _ in self.rounds([big]):
            for mix in workload.BIG:
                runs = [("1,000,000", big, questions[mix]), ("1,000 services", small, baseline[same[mix]])]
                for name, server, file in runs if n % 2 else reversed(runs):
                    samples.add(mix, name, load(server, file, self.load_cpu, self.options.seconds, *self.edns))
        rows = [[mix, s, samples.median(mix, s, "qps") / 1e3, samples.ratio(mix, s, "1,000 services", "qps"),
                 samples.median(mix, s, "cpu_us"), samples.ratio(mix, s, "1,000 services", "cpu_us"),
                 samples.total(mix, s, "lost"), samples.total(mix, s, "wrong")]
                for mix in samples.mixes() for s in samples.servers(mix)]
        print_table(f"cmapd with {registry.n_instances()} instances in {registry.n_services()} services.",
                    [("mix", ""), ("registered", ""), ("kqps", "%.0f"), ("by small", "%.3f"), ("CPU us/query", "%.2f"),
                     ("by small", "%.2f"), ("lost", "%.0f"), ("wrong", "%.0f")], rows)
        print(f"memory: RSS {rss:.0f} MB, PSS {pss:.0f} MB when all was registered; RSS {rss_cold:.0f} MB, PSS "
              f"{pss_cold:.0f} MB after a cold start, whose first answer came after {cold:.2f} s")
        big.stop()

    def run_pinned(self, parts, kinds):
        """The parts that measure all servers side by side."""
        all_servers = self.start_all(self.registry, kinds, self.cpu)
        cmapd = next(s for s in all_servers if s.name == "cmapd")
        self.memory = {s.name: s.memory_mb() for s in all_servers}
        for server in all_servers:
            if not server.is_echo and server.additional == 0:
                self.notes.append(f"{server.name} gives no addresses with SRV")
        if {"udp", "latency", "changes"} & parts:
            self.run_udp(all_servers)
            self.print_udp()
        if "peak" in parts:
            self.run_peak(all_servers)
        if "latency" in parts:
            self.run_latency(all_servers)
        if "tcp" in parts:
            self.run_tcp(all_servers)
        if "changes" in parts:
            self.run_changes(cmapd)
        for server in all_servers:
            if server is not cmapd:
                server.stop()
        if "million" in parts:
            self.run_million(cmapd)
        cmapd.stop()

    def run(self, parts):
        kinds = self.kinds()
        print(f"{self.options.rounds} rounds of {self.options.seconds:g} s; servers on CPU {self.cpu}, generator on CPU "
              f"{self.load_cpu}; {self.registry.n_services()} services, {self.registry.n_instances()} instances"
              f"{'; EDNS' if self.edns else ''}", flush=True)
        if {"udp", "peak", "latency", "tcp", "changes", "million"} & parts:
            self.run_pinned(parts, kinds)
        if "size" in parts:
            self.run_size()
        if "two" in parts:
            self.run_two(kinds)
        self.notes += ["echo only turns packets round, 64 at a time, as cmapd does",
                       "of a service of 100 the others hold, and give, eight"]
        print("\n" + "\n".join(f"- {note}" for note in self.notes))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--servers")
    parser.add_argument("--nsd")
    parser.add_argument("--only")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--edns", action="store_true")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (0.2 if options.quick else 1)
    parts = options.only.split(",") if options.only else PARTS + (["million"] if options.million else [])
    directory = tempfile.mkdtemp(prefix="cmap-bench-")
    try:
        Bench(options, directory).run(set(parts))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
