# SPDX-License-Identifier: MIT
"""
Picture 6: host mode, and bridge mode with static ports.

    host-1  172.31.16.1                      host-2  172.31.16.2
      :80   service-a, on the host itself      :80   service-a
      :8080 -> service-b  172.17.0.2:80        :8080 -> service-b  172.17.0.2:80

A task is at its host's address and at a port that its service has everywhere, so that a host has one task of a service.
Clients that know the port use A records; SRV records are there beside them and tell it. When a task is replaced, both
may be registered for a while at one address and port; that is given out once all the same, by A and by SRV records.
"""

import lab
from lab import check, equal

HOSTS = {"host-1": "172.31.16.1", "host-2": "172.31.16.2"}
PORTS = {"service-a.internal": 80, "service-b.internal": 8080}


def start():
    vpc = lab.Vpc()
    for i, (name, address) in enumerate(HOSTS.items(), 1):
        host = vpc.host(name, address)
        host.serve(f"a-{i}", 80)
        container, = vpc.containers(host, {f"b-{i}": "172.17.0.2"})
        container.serve(f"b-{i}", 80)
        lab.publish(host, 8080, container)
        for service, task in (("service-a.internal", f"a-{i}"), ("service-b.internal", f"b-{i}")):
            vpc.ctl("register", service, "--id", task, "--ip", address, "--port", str(PORTS[service]))
    vpc.host("client", "172.31.32.9")
    return vpc


def test_A_and_SRV_are_both_there(vpc):
    client = vpc.hosts["client"]
    for service, port in PORTS.items():
        letter = service[len("service-")]
        equal(sorted(client.dig(service).values()), list(HOSTS.values()))
        equal(sorted(client.dig(service, "SRV").values()), [f"1 1 {port} {letter}-{i}.{service}." for i in (1, 2)])


def test_clients_that_know_the_port_are_spread_evenly(vpc):
    for service, port in PORTS.items():
        letter = service[len("service-")]
        lab.even(vpc.hosts["client"].connect(200, service, port), [f"{letter}-1", f"{letter}-2"])


def test_a_host_has_no_place_for_a_second_task_of_the_service(vpc):
    second = vpc.hosts["host-1"].start("second", *lab.task("a-3", 80))
    check(second.process.wait(timeout=10) != 0 and "Address already in use" in second.said(), second.said())


def test_two_tasks_on_one_address_are_given_out_once(vpc):
    client, service = vpc.hosts["client"], "service-a.internal"
    vpc.ctl("register", service, "--id", "a-4", "--ip", "172.31.16.1", "--port", "80")
    for _ in range(4):
        equal(sorted(client.dig(service).values()), list(HOSTS.values()))
        equal(len(client.dig(service, "SRV").values()), len(HOSTS))
    lab.even(client.connect(200, service), ["a-1", "a-2"])
    vpc.ctl("deregister", service, "a-1")
    lab.even(client.connect(200, service), ["a-1", "a-2"])
    equal(sorted(client.dig(service, "SRV").values()), [f"1 1 80 a-{i}.{service}." for i in (2, 4)])


if __name__ == "__main__":
    lab.main(globals(), start)
