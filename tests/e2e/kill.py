# SPDX-License-Identifier: MIT
"""
kill.py -- kill -9 at 50 random moments, while 4 clients register and deregister.

Each client writes down what cmapd has told it. After every restart, whatever was acknowledged must be there, by the
API and by dig, whatever was refused must not, and what was under way may be either. What is there then counts.
"""

import contextlib
import http.client
import os
import random
import shutil
import threading
import time

import cmap
import dig
import tap
from tap import check, equal

ROUNDS, CLIENTS, INSTANCES = 50, 4, 60


class Client:
    """A service of its own, and what cmapd has said of its instances: their attributes by id."""

    def __init__(self, d, n, seed):
        self.d, self.n, self.name = d, n, f"c{n}.prod"
        self.random = random.Random(seed)
        self.there, self.unsure, self.refused = {}, {}, 0
        self.acknowledged, self.serial, self.error = 0, 0, None
        d.service(self.name, [("A", 60), ("SRV", 60)])

    def begin(self):
        self.over = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            connection = self.d.connect(seconds=60)
            with contextlib.closing(connection):
                while not self.over:
                    self.act(connection)
        except (ConnectionError, http.client.HTTPException, FileNotFoundError):
            pass  # it was killed
        except Exception as error:  # told by the test's own thread
            self.error = repr(error)

    def act(self, connection):
        choice = self.random.random()
        instance = f"i-{self.random.randrange(INSTANCES)}"
        if choice < 0.1:
            self.be_refused(connection)
        elif choice < 0.4 and self.there:
            instance = self.random.choice(sorted(self.there))
            self.change(connection, "DeregisterInstance", instance, None)
        else:
            self.serial += 1
            self.change(connection, "RegisterInstance", instance, {
                "AWS_INSTANCE_IPV4": f"10.{self.n}.{self.serial >> 8 & 255}.{self.serial & 255}",
                "AWS_INSTANCE_PORT": str(self.serial % 65535 + 1), "serial": str(self.serial)})

    def change(self, connection, operation, instance, attributes):
        body = {"ServiceId": self.d.find(self.name), "InstanceId": instance}
        if attributes is not None:
            body["Attributes"] = attributes
        # Until it is acknowledged, both what was and what is to be may be found.
        self.unsure = {instance: (self.there.pop(instance, None), attributes)}
        cmap.call(connection, operation, body)
        self.unsure = {}
        self.acknowledged += 1
        if attributes is not None:
            self.there[instance] = attributes

    def be_refused(self, connection):
        """Registrations that are wrong; none of them may be found later."""
        body = {"ServiceId": self.d.find(self.name), "InstanceId": f"refused-{self.refused}",
                "Attributes": {"AWS_INSTANCE_IPV4": self.random.choice(["10.0.0", "10.0.0.256", "0.0.0.0"]),
                               "AWS_INSTANCE_PORT": "1"}}
        try:
            cmap.call(connection, "RegisterInstance", body)
        except cmap.ApiError as error:
            equal(error.type, "InvalidInput")
            self.refused += 1
        else:
            raise AssertionError(f"{body} was not refused")

    def verify(self, srv, a):
        """Compares with what is there, by the API and in dig's answers, and goes on from there."""
        equal(self.error, None, f"client {self.n}")
        listed = {i: item["Attributes"] for i, item in self.d.instances(self.name).items()}
        for instance, choices in self.unsure.items():
            check(listed.get(instance) in choices, f"{self.name} {instance}: {listed.get(instance)}, not of {choices}")
            if instance in listed:
                self.there[instance] = listed[instance]
        equal(listed, self.there, f"what {self.name} holds")
        equal(sorted(srv.values()), sorted(f"1 1 {at['AWS_INSTANCE_PORT']} {i}.{self.name}."
                                           for i, at in listed.items()), f"SRV of {self.name}")
        equal(sorted(a.values()), sorted(at["AWS_INSTANCE_IPV4"] for at in listed.values()), f"A of {self.name}")
        self.unsure = {}


def verify(d, clients):
    questions = [(c.name, qtype) for c in clients for qtype in ("SRV", "A")]
    answers = iter(dig.several(d.address(), questions, "+tcp"))
    for client in clients:
        client.verify(next(answers), next(answers))


def integrity(d):
    """Of a copy: looking at the real one would clear up behind it, which is cmapd's own task."""
    if not cmap.HAS_SQLITE:
        return
    copy = os.path.join(d.dir, "copy")
    shutil.copy(d.db, copy)
    if os.path.exists(d.db + "-wal"):
        shutil.copy(d.db + "-wal", copy + "-wal")
    base = cmap.database(copy)
    found = base.execute("PRAGMA integrity_check").fetchall()
    base.close()
    equal(found, [("ok",)])


def test_kill_9_at_50_random_moments():
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 32)
    tap.say(f"SEED={seed}")
    random_ = random.Random(seed)
    with cmap.Daemon(namespace=["prod"], answers=0) as d:
        clients = [Client(d, n, seed + n) for n in range(CLIENTS)]
        for _ in range(ROUNDS):
            before = [c.acknowledged for c in clients]
            for client in clients:
                client.begin()
            # All of them are at work; then any moment.
            tap.wait_until(lambda: all(c.acknowledged > b or c.error for c, b in zip(clients, before)), "all work")
            time.sleep(random_.random() * 0.1)
            d.kill()
            for client in clients:
                client.over = True
                client.thread.join()
            integrity(d)
            d.start()
            verify(d, clients)
        tap.say(f"{sum(c.acknowledged for c in clients)} acknowledged, {sum(c.refused for c in clients)} refused")
        d.restart()
        verify(d, clients)


def test_kill_9_while_it_starts():
    """Nothing is lost when it is killed again and again before it is ready."""
    with cmap.Daemon(namespace=["prod"], answers=0) as d:
        client = Client(d, 1, 1)
        client.begin()
        tap.wait_until(lambda: client.acknowledged > 200 or client.error, "200 changes")
        d.kill()
        client.thread.join()
        random_ = random.Random(1)
        for _ in range(20):
            d.launch()
            time.sleep(random_.random() * 0.06)
            d.kill()
            integrity(d)
        d.start()
        verify(d, [client])


if __name__ == "__main__":
    tap.main(globals())
