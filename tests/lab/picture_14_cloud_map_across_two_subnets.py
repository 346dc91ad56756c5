# SPDX-License-Identifier: MIT
"""
Picture 14: Cloud Map across two private subnets.

    subnet A, 172.31.16.0/20              subnet B, 172.31.32.0/20
    service-a  172.31.16.1
    service-b  172.31.16.2                service-b  172.31.32.1
                                          service-c  172.31.32.2
    client     172.31.16.3                client     172.31.32.9

Each client finds each task by the name of its service, whichever resolver it is built with. And it shares its
connections evenly among the tasks of service-b, though its libc would rather take the one in its own subnet
(RFC 6724 rule 9): cmapd knows who asks, and answers so that every task comes first in its turn.
"""

import re
import sys

import lab
from lab import check, equal, need, wait_until

DRAWN = {"service-a.local": {"a-1": "172.31.16.1"},
         "service-b.local": {"b-1": "172.31.16.2", "b-2": "172.31.32.1"},
         "service-c.local": {"c-1": "172.31.32.2"}}
WANTED = {name: sorted(tasks.values()) for name, tasks in DRAWN.items()}


def start():
    vpc = lab.Vpc(namespace=["local"])
    for service, tasks in DRAWN.items():
        for task, address in tasks.items():
            vpc.task(task, address)
            vpc.ctl("register", service, "--id", task, "--ip", address, "--port", "80")
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    return vpc


def everywhere(vpc, look_up):
    """
    On both clients look_up(host, name) finds what is drawn and nothing else. It may take some answers to hear of all
    tasks: those nearer to the client than the first one are left out.
    """
    for host in (vpc.hosts["client-a"], vpc.hosts["client-b"]):
        for name, wanted in WANTED.items():
            found = set()
            for _ in range(20):
                answer = look_up(host, name)
                check(answer, f"{host.name}: nothing for {name}")
                found.update(answer)
                if found == set(wanted):
                    break
            equal(sorted(found), wanted, f"{host.name}: {name}")


def test_dig_finds_each_service(vpc):
    everywhere(vpc, lambda host, name: host.dig(name).values())
    answer = vpc.hosts["client-a"].dig("service-b.local", "SRV")
    equal(sorted(answer.values()), ["1 1 80 b-1.service-b.local.", "1 1 80 b-2.service-b.local."])
    equal(sorted(r.data for r in answer.additional), WANTED["service-b.local"])


def test_kdig_finds_each_service(vpc):
    everywhere(vpc, lambda host, name: host.output("kdig", "+short", name).split())


def test_drill_finds_each_service(vpc):
    everywhere(vpc, lambda host, name: re.findall(r"\sA\s+([\d.]+)$", host.output("drill", name), re.M))


def test_a_program_with_glibc_finds_each_service(vpc):
    everywhere(vpc, lambda host, name: host.getent(name))


def test_a_program_with_musl_finds_each_service(vpc):
    everywhere(vpc, lambda host, name: host.output(vpc.musl(), name).split())


def test_Python_finds_each_service(vpc):
    script = "import socket, sys; print(*socket.gethostbyname_ex(sys.argv[1])[2])"
    everywhere(vpc, lambda host, name: host.output(sys.executable, "-ISc", script, name).split())


def test_Node_finds_each_service_by_the_system_and_by_itself(vpc):
    lookup = "lookup(name, { all: true, family: 4 }).then((found) => found.map((one) => one.address))"
    for how in (lookup, "resolve4(name)"):
        script = f"""const [name] = process.argv.slice(1), found = [];
            (async () => {{
                for (let i = 0; i < 20; i++)
                    found.push(...await require("dns").promises.{how});
                console.log(found.join(" "));
            }})();"""
        everywhere(vpc, lambda host, name: host.output("node", "-e", script, name).split())


def test_Java_finds_each_service(vpc):
    need("javac")  # which java itself calls for a file of source
    found = {}

    def look_up(host, name):
        if host not in found:
            lines = host.output("java", "-Dsun.net.inetaddr.ttl=0", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
                                lab.own("Lookup.java"), *WANTED).splitlines()
            found[host] = dict(zip(WANTED, lines))
        return found[host][name].split()
    everywhere(vpc, look_up)


def test_1000_connections_from_each_subnet_are_spread_evenly(vpc):
    for host in (vpc.hosts["client-a"], vpc.hosts["client-b"]):
        lab.even(host.connect(1000, "service-b.local"), ["b-1", "b-2"])
        equal(host.connect(10, "service-a.local"), {"a-1": 10})
        equal(host.connect(10, "service-c.local"), {"c-1": 10})


def test_a_task_that_ends_without_a_word_is_gone_with_its_lease(vpc):
    client = vpc.hosts["client-a"]
    vpc.ctl("register", "service-c.local", "--id", "c-2", "--ip", "172.31.32.3", "--port", "80", "--lease", "1s")
    equal(sorted(client.getent("service-c.local")), ["172.31.32.2", "172.31.32.3"])
    wait_until(lambda: client.getent("service-c.local") == ["172.31.32.2"], "c-2 is gone", seconds=5)
    check("c-2" not in vpc.ctl("list", "service-c.local"), "it is not listed, either")


if __name__ == "__main__":
    lab.main(globals(), start)
