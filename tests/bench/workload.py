# SPDX-License-Identifier: MIT
"""workload.py -- what is registered for the benchmark, and what is asked for."""

import itertools
import os
import random

ZONE = "bench.internal"
A, SRV = 1, 33
NOERROR, NXDOMAIN = 0, 3
ANSWERS = 8  # cmapd's default: records in an answer
AWS = "Route53AutoNaming_v20170314."

# Kinds of services, with the instances of each. "big" are there by the million only; "ten" and those behind it to
# see what a registration costs in a service of that size.
INSTANCES = {"one": 1, "eight": 8, "hundred": 100, "leased": 100, "srv": 4, "big": 500,
             "ten": 10, "thousand": 1000, "tenthousand": 10000}

# Questions of 70/15/10/5, out of 100: one A, eight A, SRV, a name that is not there.
MIXED = ["one"] * 70 + ["eight"] * 15 + ["srv"] * 10 + ["none"] * 5
MIXED_BIG = ["one"] * 70 + ["big"] * 15 + ["srv"] * 10 + ["none"] * 5

MIXES = {
    "one A": ["one"],
    "eight of 8 A": ["eight"],
    "eight of 100 A": ["hundred"],
    "SRV of 4": ["srv"],
    "NXDOMAIN": ["none"],
    "70/15/10/5": MIXED,
}
LEASED = {"eight of 100, leased": ["leased"]}  # cmapd alone has leases
ALL_MIXES = {**MIXES, **LEASED}
BIG = {"one A": ["one"], "eight of 500 A": ["big"], "70/15/10/5": MIXED_BIG}

SMALL_COUNTS = {"one": 600, "eight": 240, "hundred": 40, "leased": 40, "srv": 80}
SIZE_COUNTS = {"one": 1, "ten": 1, "hundred": 1, "thousand": 1, "tenthousand": 1}
BIG_COUNTS = {"one": 4000, "eight": 500, "hundred": 40, "leased": 40, "srv": 500}


def service(kind, i):
    """All names that are asked for have one length, so that the generator can send a burst by UDP GSO."""
    return f"{kind}-{i:0{max(11 - len(kind), 1)}}"


class Registry:
    """Services by kind and number; their addresses follow from both."""

    def __init__(self, counts, instances=0):
        """instances: so many in all, services of the kind "big" filling up."""
        self.counts = dict(counts)
        have = sum(n * INSTANCES[kind] for kind, n in counts.items())
        if instances > have:
            self.counts["big"] = (instances - have) // INSTANCES["big"]

    def services(self):
        for kind, n in self.counts.items():
            for i in range(n):
                yield kind, i, service(kind, i)

    def n_services(self):
        return sum(self.counts.values())

    def n_instances(self):
        return sum(n * INSTANCES[kind] for kind, n in self.counts.items())

    @staticmethod
    def address(kind, i, k, turn=0):
        number = i * INSTANCES[kind] + k
        net = list(INSTANCES).index(kind) + 10 + len(INSTANCES) * turn
        return f"{net}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def registrations(self, ids, kinds=None, turn=0):
        """Requests, one a line, that register every instance of these kinds. ids: of the services, by name."""
        for kind, i, name in self.services():
            if kinds is not None and kind not in kinds:
                continue
            more = ',"CMAP_LEASE":"1h"' if kind == "leased" else ""
            if kind == "srv":
                more += ',"AWS_INSTANCE_PORT":"8080"'
            for k in range(INSTANCES[kind]):
                yield (f'{AWS}RegisterInstance {{"ServiceId":"{ids[name]}","InstanceId":"i-{k}","Attributes":'
                       f'{{"AWS_INSTANCE_IPV4":"{self.address(kind, i, k, turn)}"{more}}}}}\n')

    def changes(self, ids, kind, n):
        """n registrations that give instances of that kind other addresses, and then these back."""
        both = [self.registrations(ids, (kind,), turn) for turn in (1, 0)]
        return itertools.islice(itertools.cycle(itertools.chain(*both)), n)

    def zone(self):
        """The same as an RFC 1035 zone. Of a hundred only the first eight: no other server gives some of them."""
        yield (f"$ORIGIN {ZONE}.\n$TTL 60\n@ SOA localhost. hostmaster.localhost. 1 3600 600 86400 5\n"
               "@ NS localhost.\n")
        for kind, i, name in self.services():
            for k in range(min(INSTANCES[kind], ANSWERS)):
                yield f"{name} A {self.address(kind, i, k)}\n"
                if kind == "srv":
                    yield f"{name} SRV 1 1 8080 i-{k}.{name}\ni-{k}.{name} A {self.address(kind, i, k)}\n"

    def questions(self, kinds, n, additional):
        """n questions in a random order that is the same every time. additional: addresses beside each SRV answer."""
        rng = random.Random(1)
        kinds = [kinds[i % len(kinds)] for i in range(n)]
        rng.shuffle(kinds)
        for kind in kinds:
            if kind == "none":
                yield f"{service(kind, rng.randrange(1000))}.{ZONE} {A} {NXDOMAIN} 0 0\n"
                continue
            name = f"{service(kind, rng.randrange(self.counts[kind]))}.{ZONE}"
            answers = min(INSTANCES[kind], ANSWERS)
            if kind == "srv":
                yield f"{name} {SRV} {NOERROR} {answers} {additional}\n"
            else:
                yield f"{name} {A} {NOERROR} {answers} 0\n"

    def expected(self, kind, i):
        """Type, all values that may come, how many must."""
        name = f"{service(kind, i)}.{ZONE}."
        if kind == "srv":
            values = {f"1 1 8080 i-{k}.{name}" for k in range(INSTANCES[kind])}
            return "SRV", values, len(values)
        values = {self.address(kind, i, k) for k in range(INSTANCES[kind])}
        return "A", values, min(len(values), ANSWERS)


def write(path, lines):
    with open(path, "w", encoding="ascii") as out:
        out.writelines(lines)
    return path


def write_questions(registry, directory, mixes, additional, n=20000):
    """A file a mix; returns {mix: path}."""
    paths = {}
    for number, (mix, kinds) in enumerate(mixes.items()):
        path = os.path.join(directory, f"questions-{registry.n_instances()}-{number}-{len(kinds)}-{additional}")
        paths[mix] = write(path, registry.questions(kinds, n, additional))
    return paths
