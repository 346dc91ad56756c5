# SPDX-License-Identifier: MIT
"""
Picture 8: one address per task (awsvpc mode).

    host-1  172.31.16.10                  host-2  172.31.32.10
      task-1  172.31.16.11                  task-4  172.31.32.11
      task-2  172.31.16.12                  task-5  172.31.32.12
      task-3  172.31.16.13

Each task has an interface of its own, so all of them can have port 80, and A records say all that is to be said. A task
registers itself when it starts, with the address of its interface, by the API and with a signed request as any client
of Cloud Map would. From then on its address has a name, too, as logs and access lists want it, and each of its ports
is found by what it is for: _metrics._tcp.web.internal. What then ends in order deregisters itself; what is killed is
forgotten when its lease ends.
"""

import lab
from lab import check, equal, need, wait_until

HOSTS = {"host-1": ("172.31.16.10", {f"task-{i}": f"172.31.16.1{i}" for i in (1, 2, 3)}),
         "host-2": ("172.31.32.10", {f"task-{i}": f"172.31.32.1{i - 3}" for i in (4, 5)})}
TASKS = {name: address for _, tasks in HOSTS.values() for name, address in tasks.items()}
SERVICE, PORTS = "web.internal", {"http": 80, "metrics": 9100}

# What such a task runs before its own work: $1 is the id of the service, $2 its own, $3 its lease.
ENTRYPOINT = """
address=$(ip -4 -oneline address show dev eth0 | sed 's|.* inet ||; s|/.*||')
exec curl -sS --fail-with-body --aws-sigv4 aws:amz:us-east-1:servicediscovery --user "$KEY" \\
    -H 'X-Amz-Target: Route53AutoNaming_v20170314.RegisterInstance' http://cmap.internal:8053 -d '{
        "ServiceId": "'$1'", "InstanceId": "'$2'", "Attributes": {
            "AWS_INSTANCE_IPV4": "'$address'", "AWS_INSTANCE_PORT": "80", "CMAP_LEASE": "'$3'",
            "CMAP_PORT_http": "80", "CMAP_PORT_metrics": "9100"}}'
"""


def register_itself(vpc, task, lease):
    need("curl")
    environment = dict(lab.environment(), KEY=lab.KEY)
    return task.output("sh", "-c", ENTRYPOINT, "entrypoint", vpc.cmapd.find(SERVICE), task.name, lease, env=environment)


def start():
    vpc = lab.Vpc(reverse=["172.31.0.0/16"])
    vpc.cmapd.service(SERVICE, [("A", 5), ("SRV", 5)])
    for name, (address, tasks) in HOSTS.items():
        for task in vpc.tasks(vpc.host(name, address), tasks):
            for port in PORTS.values():
                task.serve(task.name, port)
            register_itself(vpc, task, "12h")
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    return vpc


def found(vpc):
    """The addresses that some answers in a row give to a client of subnet B."""
    client = vpc.hosts["client-b"]
    return sorted({address for _ in range(len(TASKS)) for address in client.getent(SERVICE)})


def test_each_task_has_registered_the_address_of_its_own_interface(vpc):
    registered = {name: held["Attributes"]["AWS_INSTANCE_IPV4"] for name, held in vpc.cmapd.instances(SERVICE).items()}
    equal(registered, TASKS)


def name_of(client, address):
    """By dig -x: the status and the names."""
    answer = client.dig("-x", address)
    return answer.status, answer.values()


def test_the_address_of_each_task_has_its_name(vpc):
    for client in (vpc.hosts["client-a"], vpc.hosts["task-4"]):
        for task, address in TASKS.items():
            equal(name_of(client, address), ("NOERROR", [f"{task}.{SERVICE}."]))
            equal(client.output("getent", "hosts", address).split(), [address, f"{task}.{SERVICE}"])
            equal(client.getent(f"{task}.{SERVICE}"), [address], "and back")
        equal(name_of(client, "172.31.16.10"), ("NXDOMAIN", []), "a host, which nobody has registered")


def test_each_port_of_all_tasks_is_found_by_its_name(vpc):
    client = vpc.hosts["client-a"]
    for name, port in PORTS.items():
        answer = client.dig(f"_{name}._tcp.{SERVICE}", "SRV")
        equal(sorted(answer.values()), [f"1 1 {port} {task}.{SERVICE}." for task in TASKS], name)
        equal({r.name: r.data for r in answer.additional},
              {f"{task}.{SERVICE}.": address for task, address in TASKS.items()}, "with the addresses")
        for task in TASKS:
            equal(client.connect(1, f"{task}.{SERVICE}", port), {task: 1})
    equal(client.dig(f"_smtp._tcp.{SERVICE}", "SRV").status, "NXDOMAIN")


def test_tasks_share_a_port_and_the_connections(vpc):
    for client in ("client-a", "client-b"):
        lab.even(vpc.hosts[client].connect(500, SERVICE), TASKS)


def test_a_task_finds_its_neighbours_on_the_same_host(vpc):
    lab.even(vpc.hosts["task-1"].connect(100, SERVICE), TASKS)


def test_a_task_without_a_key_cannot_register(vpc):
    need("curl")
    ran = vpc.hosts["task-1"].run("sh", "-c", ENTRYPOINT, "entrypoint", vpc.cmapd.find(SERVICE), "task-9", "10m",
                                  env=dict(lab.environment(), KEY="AKIDEXAMPLE:wrong"))
    check(ran.status != 0 and "InvalidSignatureException" in ran.out, ran)


def test_a_task_that_deregisters_itself_is_gone_at_once(vpc):
    vpc.hosts["task-3"].api("DeregisterInstance", {"ServiceId": vpc.cmapd.find(SERVICE), "InstanceId": "task-3"})
    equal(found(vpc), sorted(set(TASKS.values()) - {"172.31.16.13"}))
    equal(name_of(vpc.hosts["client-b"], "172.31.16.13"), ("NXDOMAIN", []))


def test_a_task_that_is_killed_is_gone_with_its_lease(vpc):
    task = vpc.hosts["task-5"]
    register_itself(vpc, task, "2s")
    check(task.address in found(vpc), "it is there")
    renewal = {"Leases": [{"ServiceName": SERVICE, "InstanceId": "task-5"}]}
    task.api("Cmap_v1.RenewLeases", renewal)
    task.kill()
    wait_until(lambda: task.address not in found(vpc), "it is gone", seconds=5)
    equal(name_of(vpc.hosts["client-b"], task.address), ("NXDOMAIN", []))
    lab.even(vpc.hosts["client-a"].connect(100, SERVICE), ["task-1", "task-2", "task-4"])


if __name__ == "__main__":
    lab.main(globals(), start)
