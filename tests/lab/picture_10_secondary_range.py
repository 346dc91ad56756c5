# SPDX-License-Identifier: MIT
"""
Picture 10: tasks in a secondary range of the VPC, 100.64.0.0/19.

    subnet A, 172.31.16.0/20 and 100.64.0.0/20     subnet B, 172.31.32.0/20 and 100.64.16.0/20
      host-1   172.31.16.10                          host-2   172.31.32.10
        task-1   100.64.0.1                            task-3   100.64.16.1
        task-2   100.64.0.2
      client-a 172.31.16.3                           client-b 172.31.32.9

Hosts keep the scarce addresses; tasks have theirs of a shared range (RFC 6598). They find each other, and clients of
the first range find them, like any others, and everybody spreads evenly: between the ranges no address is nearer than
another, within 100.64.0.0/19 some are.
"""

import lab
from lab import equal

HOSTS = {"host-1": ("172.31.16.10", {"task-1": "100.64.0.1", "task-2": "100.64.0.2"}),
         "host-2": ("172.31.32.10", {"task-3": "100.64.16.1"})}
TASKS = {name: address for _, tasks in HOSTS.values() for name, address in tasks.items()}
SERVICE = "web.internal"


def start():
    vpc = lab.Vpc()
    for name, (address, tasks) in HOSTS.items():
        for task in vpc.tasks(vpc.host(name, address), tasks):
            task.serve(task.name)
            vpc.ctl("register", SERVICE, "--id", task.name, "--ip", task.address, "--port", "80")
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    return vpc


def test_tasks_are_registered_with_their_own_addresses(vpc):
    equal(sorted(vpc.hosts["client-a"].dig(SERVICE, "A").values()), sorted(TASKS.values()))
    for task, address in TASKS.items():
        equal(vpc.hosts["client-b"].getent(f"{task}.{SERVICE}"), [address])


def test_clients_of_the_first_range_spread_evenly(vpc):
    for client in ("client-a", "client-b"):
        lab.even(vpc.hosts[client].connect(300, SERVICE), TASKS)


def test_tasks_spread_evenly_among_themselves(vpc):
    for task in TASKS:
        lab.even(vpc.hosts[task].connect(300, SERVICE), TASKS)


def test_services_of_both_ranges_under_one_name(vpc):
    vpc.task("old", "172.31.16.1")
    vpc.ctl("register", SERVICE, "--id", "old", "--ip", "172.31.16.1", "--port", "80")
    for host in ("client-a", "client-b", "task-1", "task-3"):
        lab.even(vpc.hosts[host].connect(400, SERVICE), [*TASKS, "old"])


if __name__ == "__main__":
    lab.main(globals(), start)
