# SPDX-License-Identifier: MIT
"""
towns.py -- random registries and random questions about them, for differential.py.

A town is some namespaces, some of them inside others, their zone files, and what is registered. All of it comes from
one seed and a number, which is in the names: so many towns stand side by side, and one can be made again alone.
"""

import collections
import random

import cmap
import wire

SPACES = ["prod{n}", "in.prod{n}", "deep.a.prod{n}", "corp.internal{n}", "a.corp.internal{n}", "x.b.a.corp.internal{n}"]
LABELS = ["a", "b", "c", "web", "x", "_tcp", "A-long-label-of-many-letters"]
KINDS = ["A", "A", "A", "AAAA", "TXT", "MX", "SRV", "PTR", "TYPE65400", "CAA", "NAPTR", "CNAME", "CNAME", "NS", "DS"]
RECORDS = [[("A", 5)], [("A", 5), ("AAAA", 9)], [("SRV", 7)], [("CNAME", 11)], [("A", 5), ("AAAA", 6), ("SRV", 7)]]
ASKED = ["A", "A", "A", "A", "AAAA", "TXT", "MX", "SRV", "CNAME", "NS", "SOA", "DS", "PTR", "NAPTR", "CAA", "TYPE65400",
         "TYPE12345", "ANY", "ANY"]

FLAGS = [0, wire.RD, wire.RD | wire.AD, wire.CD]

# size: of an OPT record, 0 for none; is_signed: asks for signatures, of which there are none.
Question = collections.namedtuple("Question", "name type size is_signed flags is_tcp")


class Town:
    def __init__(self, seed, number):
        self.rng = random.Random(f"{seed}/{number}")
        self.number = number
        self.spaces = [s.format(n=number) for s in self.rng.sample(SPACES, self.rng.randint(1, 4))]

    # ---- names and data ----

    def name(self, space, wild=False):
        """wild: one that only a zone file may have."""
        labels = LABELS + (["*", "*", r"w\032\000\255"] if wild else [])
        return ".".join([self.rng.choice(labels) for _ in range(self.rng.randint(0, 3))] + [space])

    def target(self):
        kind = self.rng.random()
        if kind < 0.1:
            return f"{self.rng.choice('abc')}.elsewhere.example."
        return self.name(self.rng.choice(self.spaces), wild=kind < 0.2) + "."

    def data(self, kind):
        r = self.rng
        return {
            "A": lambda: f"192.0.2.{r.randint(1, 9)}",
            "AAAA": lambda: f"2001:db8::{r.randint(1, 9):x}",
            "TXT": lambda: " ".join(f'"{"t" * r.choice((0, 1, 9, 254))}\\{r.randint(0, 255):03}"'
                                    for _ in range(r.choice((1, 1, 2, 5)))),
            "MX": lambda: f"{r.randint(0, 65535)} {self.target()}",
            "SRV": lambda: f"{r.randint(0, 9)} 0 {r.randint(0, 65535)} {self.target()}",
            "NAPTR": lambda: f'1 {r.randint(0, 9)} "u" "E2U+sip" "!^.*$!sip:x@y!" {self.target()}',
            "TYPE65400": lambda: rf"\# 2 {r.randint(0, 65535):04X}",
            "CAA": lambda: f'0 issue "ca{r.randint(0, 9)}.example"',
            "DS": lambda: f"{r.randint(0, 65535)} 8 2 " + "A0" * 32,
        }.get(kind, self.target)()

    # ---- zone files ----

    def zone_file(self, space):
        """Lines that a zone file may have together."""
        r = self.rng
        kinds, lines, owner = collections.defaultdict(set), ["$TTL 60"], space
        if r.random() < 0.5:
            lines.append(f"@ {r.choice((5, 300))} SOA ns.{space}. admin.{space}. 1 2 3 4 {r.choice((7, 90))}")
        if r.random() < 0.3:
            lines += [f"@ NS {self.target()}" for _ in range(r.randint(1, 2))]
        if r.random() < 0.2:
            lines += self.chain()
        for _ in range(r.randint(0, 40)):
            owner, kind = owner if r.random() < 0.25 else self.name(space, wild=True), r.choice(KINDS)
            if self.is_allowed(kinds[owner.lower()], owner == space, owner[0] == "*", kind):
                kinds[owner.lower()].add(kind)
                lines += self.lines(owner, kind, kinds)
        return "\n".join(lines) + "\n"

    def chain(self):
        """Of CNAMEs, near the longest that is followed, or a loop."""
        n = self.rng.randint(12, 22)
        ends = ("A 192.0.2.1", "A 192.0.2.1", "CNAME chain3", f"CNAME {self.target()}")
        return [f"chain{i} CNAME chain{i + 1}" for i in range(n)] + [f"chain{n} {self.rng.choice(ends)}"]

    @staticmethod
    def is_allowed(have, is_apex, is_wildcard, kind):
        if "CNAME" in have or (kind == "CNAME" and (have or is_apex)):
            return False
        if kind in ("NS", "DS") and (is_apex or is_wildcard):
            return False
        return kind != "DS" or "NS" in have

    def lines(self, owner, kind, kinds):
        r = self.rng
        lines = [f"{owner}. {kind} {self.data(kind)}" for _ in range(1 if kind == "CNAME" else r.choice((1, 1, 2, 4)))]
        if kind == "NS" and r.random() < 0.7:  # its servers lie below it
            for n in range(1, r.randint(2, 6)):
                lines.append(f"{owner}. NS ns{n}.{owner}.")
                lines.append(f"ns{n}.{owner}. A 192.0.2.{10 + n}")
                lines.append(f"ns{n}.{owner}. AAAA 2001:db8::1:{n}")
                kinds[f"ns{n}.{owner}".lower()] |= {"A", "AAAA"}
        return lines

    # ---- what is registered ----

    def found(self, d):
        """Makes the namespaces, and registers what the registry allows."""
        for space in self.spaces:
            d.write(space, self.zone_file(space))
            d.namespace(space)
        for space in self.spaces:
            for _ in range(self.rng.randint(0, 8)):
                self.service(d, self.name(space))
        # Another zone file, which is read at the next reload.
        for space in self.rng.sample(self.spaces, self.rng.randint(0, len(self.spaces))):
            d.write(space, self.zone_file(space))

    def service(self, d, name):
        """A service without instances is a name for cmapd, and cannot be in a zone file; so there are none."""
        r = self.rng
        records = r.choice(RECORDS)
        is_alias = records[0][0] == "CNAME"
        try:
            d.service(name, records, routing="WEIGHTED" if is_alias else None,
                      HealthCheckCustomConfig={"FailureThreshold": 1})
        except cmap.ApiError:
            return  # a name that is taken, a CNAME at an apex, ...
        n = 1 if is_alias else r.choice((1, 1, 2, 2, 5, 12))
        if n == 12 and r.random() < 0.3:
            n = 90  # so many that changes are not compiled from scratch
        taken = [f"i-{i}" for i in range(n) if self.instance(d, name, f"i-{i}", is_alias)]
        for gone in r.sample(taken, len(taken)) if r.random() < 0.1 else taken[1:][:r.randint(0, 2)]:
            d.deregister(name, gone)
            taken.remove(gone)
        for i in r.sample(taken, len(taken)) if r.random() < 0.1 else taken[1::4] if r.random() < 0.2 else []:
            d.call("UpdateInstanceCustomHealthStatus", {"ServiceId": d.find(name), "InstanceId": i,
                                                        "Status": r.choice(("HEALTHY", "UNHEALTHY", "UNHEALTHY"))})
        if not taken:
            d.call("DeleteService", {"Id": d.find(name)})

    def instance(self, d, name, instance, is_alias):
        """Whether the registry took it."""
        r = self.rng
        where = {"cname": self.target().rstrip(".")} if is_alias else {
            "ipv4": f"10.0.{r.randint(0, 3)}.{r.randint(1, 30)}", "ipv6": f"fd00::{r.randint(1, 120):x}",
            "port": r.randint(1, 65535)}
        if r.random() < 0.1:
            where["CMAP_WEIGHT"] = r.randint(1, 255)
        if r.random() < 0.1:
            where["AWS_INIT_HEALTH_STATUS"] = "UNHEALTHY"
        if r.random() < 0.2 and not is_alias:
            where["CMAP_PORT_" + r.choice(("http", "dns.udp"))] = r.randint(1, 65535)
        if r.random() < 0.3:
            where["lease"] = "12h"  # bounds no TTL
        try:
            d.register(name, instance, **where)
        except cmap.ApiError:
            return False  # the name of its target is taken
        return True


class Questions:
    """About the zones, exported as texts."""

    PREFIXES = ["a", "b", "nope", "*", "ns1", "web", "_tcp"]

    def __init__(self, rng, zones):
        self.rng = rng
        self.known = sorted({(name, kind) for text in zones.values() for name, _, kind, _ in records(text)})
        self.chains = [(name, "A") for name, _ in self.known if name.startswith(("chain0.", "chain1.", "chain2."))]

    def name(self):
        r = self.rng
        name = r.choice(self.known)[0]
        while name.count(".") > 1 and r.random() < 0.2:
            name = name.split(".", 1)[1]
        for _ in range(r.choice((0, 0, 0, 1, 1, 2))):
            name = r.choice(self.PREFIXES) + "." + name
        return r.choice(("elsewhere.example.", "internal.", "xprod1.")) if r.random() < 0.02 else name

    def one(self):
        r = self.rng
        name, kind = r.choice(self.known) if r.random() < 0.4 else (self.name(), r.choice(ASKED))
        if self.chains and r.random() < 0.03:
            name, kind = r.choice(self.chains)
        if r.random() < 0.5:
            name = name.replace("*", r.choice("abx"))
        if r.random() < 0.2:
            name = "".join(r.choice((c.lower(), c.upper())) for c in name)
        return Question(name, kind, r.choice((0, 0, 512, 1232, 4096)), r.random() < 0.2, r.choice(FLAGS),
                        r.random() < 0.1)


def records(text):
    """(name, TTL, type, data) of each line that cmapctl export has written."""
    for line in text.split("\n"):
        if line and line[0] != ";":
            name, ttl, _, kind, data = line.split("\t")
            yield name, int(ttl), kind, data
