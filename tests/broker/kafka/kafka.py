#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts and stops Apache Kafka brokers for tests and developers.

  kafka.py jars                                fetch Kafka's jars from Maven Central, once
  kafka.py start PORT DATADIR [KEY=VALUE...]   one broker on 127.0.0.1:PORT (0: a free port)
  kafka.py stop DATADIR                        SIGTERM, then SIGKILL after 30 s
  kafka.py kill DATADIR                        SIGKILL at once, for tests of crashes
  kafka.py status DATADIR                      exit 0 and the address if it runs, else exit 1
  kafka.py tool CLASS [ARG...]                 runs one of Kafka's own tools

`start` prints the bootstrap address on stdout as its last line. KEY=VALUE are broker properties,
but for these, which are ours: heap=600m, controller.port=PORT, cluster.id=ID, start.timeout=90.

Several brokers in one cluster, each in a data directory of its own: give each the same cluster.id
and controller.quorum.voters, and its own node.id and controller.port; start them concurrently,
because a broker counts as started only when the controllers have a majority.

A data directory remembers everything: a second `start` on one that has stopped continues with its
topics; on one that runs it says so and succeeds.

Exit codes: 0 done, 1 failed, 2 usage, 75 Kafka's jars could not be fetched.
"""

import hashlib
import os
import pathlib
import secrets
import base64
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
POM = HERE / "pom.xml"
LIBS = ROOT / "build" / "kafka" / "libs"
EXIT_NO_JARS = 75

# Properties of every broker. Replication of one and short waits, because these brokers live for
# minutes; retention without end, because tests write records with fixed, old timestamps, which
# Kafka would otherwise delete within half a minute.
DEFAULTS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,"
                                      "SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
    "num.partitions": "1",
    "auto.create.topics.enable": "true",
    "log.retention.ms": "-1",
    "log.cleaner.backoff.ms": "500",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


class Failure(Exception):
    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def say(text):
    print(text, file=sys.stderr, flush=True)


def fetch_jars():
    """Fills LIBS, unless it holds what the pom names already."""
    stamp = LIBS / ".pom-sha256"
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Fetching Apache Kafka from Maven Central into build/kafka/libs (55 MB, once)...")
    LIBS.mkdir(parents=True, exist_ok=True)
    for old in LIBS.glob("*.jar"):
        old.unlink()
    command = ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies",
               f"-DoutputDirectory={LIBS}", "-DincludeScope=runtime"]
    last = ""
    for attempt in range(3):
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=600, check=False)
        except FileNotFoundError:
            raise Failure("Maven (mvn) is not installed: ./dev setup installs it.", EXIT_NO_JARS)
        except subprocess.TimeoutExpired:
            last = "no answer within 600 s"
            continue
        if done.returncode == 0:
            stamp.write_text(wanted)
            return
        last = "\n".join(done.stdout.strip().splitlines()[:5])
        if attempt < 2:
            say("Maven Central did not answer; trying again in 5 s.")
            time.sleep(5)
    raise Failure(f"Kafka's jars could not be fetched from Maven Central:\n{last}", EXIT_NO_JARS)


def java(*arguments, heap="256m"):
    return ["java", f"-Xmx{heap}", "-Dlog4j2.level=INFO", "-cp", f"{LIBS}/*", *arguments]


def port_is_free(port):
    with socket.socket() as probe:
        # A port in TIME_WAIT is free for a broker; one that somebody listens on is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def running_pid(data):
    """The process of the broker of this data directory, or None. The command line is compared, as
    a process id in an old file may belong to anybody by now."""
    try:
        pid = int((data / "broker.pid").read_text())
        arguments = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if str(data / "server.properties").encode() in arguments else None


def read_properties(data):
    lines = (data / "server.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def address(data):
    return read_properties(data)["advertised.listeners"].split("//", 1)[1].split(",")[0]


def make_properties(port, data, extra):
    controller = int(extra.pop("controller.port", 0)) or free_port()
    properties = dict(DEFAULTS)
    properties.update({
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"{extra.get('node.id', '1')}@127.0.0.1:{controller}",
        "log.dirs": str(data / "log"),
    })
    properties.update(extra)
    return properties


def format_storage(data, cluster_id):
    if (data / "log" / "meta.properties").exists():
        return
    done = subprocess.run(
        java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c",
             str(data / "server.properties")),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"Formatting {data} failed:\n{done.stdout}{done.stderr}")


def wait_until_started(process, log, timeout):
    """Waits for the words of this very process: a port that answers may be somebody else's."""
    deadline = time.monotonic() + timeout
    next_word = time.monotonic() + 5
    while time.monotonic() < deadline:
        if "Kafka Server started" in log.read_text(errors="replace"):
            return
        if process.poll() is not None:
            break
        if time.monotonic() >= next_word:
            say("... still starting")
            next_word += 5
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
    if process.poll() is None:
        process.kill()
        raise Failure(f"Kafka did not start within {timeout} s. The end of {log}:\n{tail}")
    raise Failure(f"Kafka ended with code {process.returncode}. The end of {log}:\n{tail}")


def start(port, data, extra):
    pid = running_pid(data)
    if pid is not None:
        say(f"Kafka is already running on {address(data)} (process {pid}).")
        print(address(data))
        return
    fetch_jars()
    port = port or free_port()
    # A process that was just killed has no name any more while the kernel still closes its sockets.
    patience = time.monotonic() + 5
    while not port_is_free(port) and time.monotonic() < patience:
        time.sleep(0.1)
    if not port_is_free(port):
        raise Failure(f"Port {port} is in use by another program: a broker cannot start there.")
    data.mkdir(parents=True, exist_ok=True)
    heap = extra.pop("heap", "600m")
    timeout = float(extra.pop("start.timeout", "90"))
    cluster_id = extra.pop("cluster.id", "") or base64.urlsafe_b64encode(
        secrets.token_bytes(16)).decode().rstrip("=").replace("-", "a")
    properties = make_properties(port, data, extra)
    path = data / "server.properties"
    path.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
    format_storage(data, cluster_id)
    log = data / "broker.log"
    if log.exists():
        log.replace(data / "broker.previous.log")
    with log.open("wb") as out:
        # A session of its own: Ctrl+C in the terminal is not for the broker.
        process = subprocess.Popen(
            java("-XX:+UseSerialGC", "kafka.Kafka", str(path), heap=heap),
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True, cwd=data)
    (data / "broker.pid").write_text(str(process.pid))
    wait_until_started(process, log, timeout)
    say(f"Kafka runs on {address(data)} (process {process.pid}, log {log}).")
    print(address(data))


def stop(data, first_signal):
    pid = running_pid(data)
    if pid is None:
        say("Kafka is not running.")
        return
    os.kill(pid, first_signal)
    deadline = time.monotonic() + 30
    while running_pid(data) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    if running_pid(data) is not None:
        say("Kafka did not stop within 30 s; killing it.")
        os.kill(pid, signal.SIGKILL)
    (data / "broker.pid").unlink(missing_ok=True)
    say("Kafka has stopped.")


def status(data):
    pid = running_pid(data)
    if pid is None:
        say("Kafka is not running.")
        return 1
    say(f"Kafka runs on {address(data)} (process {pid}, log {data / 'broker.log'}).")
    print(address(data))
    return 0


def main(arguments):
    match arguments:
        case ["jars"]:
            fetch_jars()
        case ["start", port, data, *extra] if port.isdigit() and all("=" in e for e in extra):
            start(int(port), pathlib.Path(data).resolve(), dict(e.split("=", 1) for e in extra))
        case ["stop", data]:
            stop(pathlib.Path(data).resolve(), signal.SIGTERM)
        case ["kill", data]:
            stop(pathlib.Path(data).resolve(), signal.SIGKILL)
        case ["status", data]:
            return status(pathlib.Path(data).resolve())
        case ["tool", name, *rest]:
            fetch_jars()
            quiet = java(name, *rest)
            quiet[quiet.index("-Dlog4j2.level=INFO")] = "-Dlog4j2.level=ERROR"
            os.execvp("java", quiet)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        say(str(failure))
        sys.exit(failure.code)
