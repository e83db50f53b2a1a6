# SPDX-License-Identifier: Apache-2.0
"""The brokers of a chaos run, and the network in front of them.

Every broker has a listener that the harness uses, and one for each member of the group, whose
advertised address is a port of the proxy: so a member meets its own network, the independent reader
none."""

import hashlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBS = ROOT / "build" / "kafka" / "libs"
KAFKA = ROOT / "tests" / "broker" / "kafka" / "kafka.py"
SLOTS = ("a", "b", "c")


class Trouble(Exception):
    """The harness itself could not do its work."""


def classes():
    """The folder with the compiled checker; compiled once for each state of the sources."""
    sources = sorted((HERE / "checker").glob("*.java"))
    state = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    compiled = ROOT / "build" / "kafka" / "chaos" / state
    if not compiled.exists():
        compiled.parent.mkdir(parents=True, exist_ok=True)
        fresh = tempfile.mkdtemp(dir=compiled.parent)
        done = subprocess.run(["javac", "-cp", f"{LIBS}/*", "-d", fresh, *map(str, sources)],
                              check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise Trouble(f"javac: {done.stderr}")
        try:
            os.rename(fresh, compiled)
        except OSError:  # another run was faster
            shutil.rmtree(fresh)
    return compiled


def java(name, *arguments, heap="256m"):
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dlog4j2.level=ERROR", "-cp", f"{classes()}:{LIBS}/*", name, *map(str, arguments)]


def kafka(*arguments):
    done = subprocess.run([sys.executable, KAFKA, *map(str, arguments)], check=False,
                          capture_output=True, text=True)
    if done.returncode == 75:
        print(done.stderr, file=sys.stderr)
        sys.exit(77)
    if done.returncode != 0:
        raise Trouble(f"kafka.py {arguments}: {done.stderr}")


class Ports:
    """Free ports below those that Linux gives to clients: a client that tries again and again on
    one of those, where nobody listens, at last meets itself."""

    def __init__(self):
        self.taken = set()

    def take(self):
        while True:
            port = random.SystemRandom().randrange(15_000, 32_000)
            with socket.socket() as probe:
                if port not in self.taken and probe.connect_ex(("127.0.0.1", port)) != 0:
                    self.taken.add(port)
                    return port


class Network:
    """The proxy, see checker/Proxy.java."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            java("Proxy", heap="128m"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=(folder / "proxy.err").open("w"), start_new_session=True)

    def order(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise Trouble(f"the proxy could not {words}: {answer or 'it died'}")

    def end(self):
        self.process.kill()
        self.process.wait()


class Broker:
    """One broker: its data, its ports, and whether it runs."""

    def __init__(self, folder, number, ports):
        self.number = number
        self.data = folder / f"broker-{number}"
        self.port = ports.take()
        self.controller = ports.take()
        self.inner = {slot: ports.take() for slot in SLOTS}  # where the broker listens
        self.outer = {slot: ports.take() for slot in SLOTS}  # where the proxy does
        self.properties = {}
        self.starting = None
        self.failure = ""

    def configure(self, brokers, cluster_id):
        listeners = [f"PLAINTEXT://127.0.0.1:{self.port}",
                     *(f"{slot.upper()}://127.0.0.1:{port}" for slot, port in self.inner.items()),
                     f"CONTROLLER://127.0.0.1:{self.controller}"]
        advertised = [f"PLAINTEXT://127.0.0.1:{self.port}",
                      *(f"{slot.upper()}://127.0.0.1:{port}" for slot, port in self.outer.items())]
        protocols = [f"{name}:PLAINTEXT"
                     for name in ("CONTROLLER", "PLAINTEXT", *map(str.upper, SLOTS))]
        copies, in_sync = len(brokers), max(1, len(brokers) - 1)
        self.properties = {
            "heap": "400m", "start.timeout": 240, "cluster.id": cluster_id, "node.id": self.number,
            "controller.port": self.controller,
            "controller.quorum.voters": ",".join(f"{broker.number}@127.0.0.1:{broker.controller}"
                                                 for broker in brokers),
            "listeners": ",".join(listeners), "advertised.listeners": ",".join(advertised),
            "listener.security.protocol.map": ",".join(protocols),
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
        }

    def start(self):
        """Begins to start it; started() says when it has."""
        self._begin(self._start)

    def bounce(self, how, pause):
        """Begins to end it (`kill` or `stop`) and, `pause` seconds later, to start it again."""
        def body():
            kafka(how, self.data)
            time.sleep(pause)
            self._start()
        self._begin(body)

    def _begin(self, body):
        def watched():
            try:
                body()
            except (Trouble, SystemExit) as trouble:
                self.failure = str(trouble)
        self.starting = threading.Thread(target=watched)
        self.starting.start()

    def _start(self):
        kafka("start", self.port, self.data,
              *(f"{key}={value}" for key, value in self.properties.items()))

    def started(self):
        """Whether the last start is over."""
        if self.starting.is_alive():
            return False
        if self.failure:
            raise Trouble(self.failure)
        return True

    def await_start(self):
        self.starting.join()
        self.started()

    def end(self):
        if self.starting is not None:
            self.starting.join()
        kafka("kill", self.data)


class Cluster:
    def __init__(self, folder, count, network):
        ports = Ports()
        self.brokers = [Broker(folder, number + 1, ports) for number in range(count)]
        cluster_id = f"chaos{random.SystemRandom().randrange(10**15):015}AA"
        for broker in self.brokers:
            broker.configure(self.brokers, cluster_id)
            for slot in SLOTS:
                network.order("link", slot, broker.outer[slot], broker.inner[slot])
        self.bootstrap = ",".join(f"127.0.0.1:{broker.port}" for broker in self.brokers)

    def bootstrap_of(self, slot):
        """The way of one member: through its own network."""
        return ",".join(f"127.0.0.1:{broker.outer[slot]}" for broker in self.brokers)

    def start(self):
        for broker in self.brokers:
            broker.start()
        for broker in self.brokers:
            broker.await_start()

    def log_folders(self):
        return [str(broker.data / "log") for broker in self.brokers]

    def end(self):
        for broker in self.brokers:
            broker.end()


def signal_name(code):
    """What an exit code of subprocess means."""
    return signal.Signals(-code).name if code < 0 else str(code)
