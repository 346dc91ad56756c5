# SPDX-License-Identifier: MIT
"""
Picture 9: ENI trunking, ten times the tasks on a host.

    host  172.31.16.10
      task-1 ... task-120  172.31.17.1 ... 172.31.17.120, an interface each

With `answers = "0"` cmapd gives them all: over TCP the answer is complete, and over UDP it is cut to what fits and says
so, but never empty, since clients built with musl make do with that. The host renews the leases of all its tasks with
one request.
"""

import collections
import re
import sys
import time

import lab
from lab import check, equal, wait_until

SERVICE = "web.internal"
TASKS = {f"task-{i}": f"172.31.17.{i}" for i in range(1, 121)}
ADDRESSES = sorted(TASKS.values())


# Over UDP haproxy makes do with what fits, and takes the next answer's other records for a change. What is larger than
# it says it accepts, it leaves unread over TCP, too.
HAPROXY = f"""
resolvers cmap
    nameserver cmapd tcp@172.31.0.2:53
    accepted_payload_size 8192
    timeout resolve 500ms
    timeout retry 500ms
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend front
    bind :80
    default_backend tasks
backend tasks
    server-template task 150 _http._tcp.{SERVICE} resolvers cmap resolve-prefer ipv4 init-addr none
"""


def start():
    vpc = lab.Vpc(answers=0, udp_threads=1)
    vpc.cmapd.service(SERVICE, [("A", 5), ("SRV", 5)])
    vpc.tasks(vpc.host("host", "172.31.16.10"), TASKS)
    for task, address in TASKS.items():
        vpc.cmapd.register(SERVICE, task, address, port=80, lease="10m")
    vpc.host("client", "172.31.32.9")
    return vpc


def test_each_task_is_there(vpc):
    """Nothing listens, so that each address refuses, which it could not if there were no task."""
    script = """if True:
        import errno, socket, sys
        for address in sys.argv[1:]:
            with socket.socket() as connection:
                connection.settimeout(5)
                print(errno.errorcode[connection.connect_ex((address, 80))])"""
    said = vpc.hosts["client"].output(sys.executable, "-ISc", script, *ADDRESSES)
    equal(collections.Counter(said.split()), {"ECONNREFUSED": len(ADDRESSES)})


def test_the_answer_is_complete_over_TCP(vpc):
    client = vpc.hosts["client"]
    for qtype, options in (("A", ["+tcp"]), ("A", []), ("SRV", ["+tcp"]), ("SRV", [])):
        answer = client.dig(SERVICE, qtype, *options)
        equal((answer.transport, len(answer.answer), "tc" in answer.flags), ("TCP", 120, False), f"{qtype} {options}")
    equal(sorted(answer.values()), sorted(f"1 1 80 {task}.{SERVICE}." for task in TASKS))


def test_the_answer_is_cut_over_UDP_and_never_empty(vpc):
    for options, least in (("+noedns", 25), ("+bufsize=512", 25), ("+bufsize=1232", 70), ("+bufsize=4096", 70)):
        for _ in range(3):
            answer = vpc.hosts["client"].dig(SERVICE, "A", "+ignore", *options.split())
            equal(answer.transport, "UDP")
            check("tc" in answer.flags and len(answer.answer) >= least, f"{options}: {answer.text}")


def test_a_program_with_glibc_has_them_all(vpc):
    equal(sorted(vpc.hosts["client"].getent(SERVICE)), ADDRESSES)


def test_a_program_with_musl_has_some_and_begins_with_each_equally_often(vpc):
    script = 'for i in $(seq 240); do "$1" "$2" | head -n 1; done'
    first = collections.Counter(vpc.hosts["client"].output("sh", "-c", script, "sh", vpc.musl(), SERVICE).split())
    equal(dict(first), {address: 2 for address in ADDRESSES})


def test_haproxy_has_them_all_over_TCP(vpc):
    client, name = vpc.hosts["client"], f"_http._tcp.{SERVICE}"
    vpc.cmapd.service(name, [("A", 5), ("SRV", 5)])
    for task, address in TASKS.items():
        vpc.cmapd.register(name, task, address, port=80)
    haproxy = client.start("haproxy", "haproxy", "-db", "-f", vpc.write("haproxy.cfg", HAPROXY))
    haproxy.wait(lambda: len(set(re.findall(r"Server tasks/(\w+) .* is UP", haproxy.said()))) == 120, "120 servers")
    check("DOWN" not in haproxy.said(), haproxy.said())


def test_one_request_renews_all_leases_of_the_host(vpc):
    client, cmapd = vpc.hosts["client"], vpc.cmapd
    for task, address in TASKS.items():
        cmapd.register(SERVICE, task, address, port=80, lease="2s")
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        cmapd.renew(*((SERVICE, task) for task in TASKS))
        equal(len(client.dig(SERVICE).answer), 120)
    wait_until(lambda: not client.dig(SERVICE).answer, "all are gone with their leases", seconds=5)


if __name__ == "__main__":
    lab.main(globals(), start)
