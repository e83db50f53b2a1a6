#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compose_test.py [--work DIR] [--keep] [--no-build] [--nice N]: runs compose.yaml as it
stands, from nothing.

It starts a Docker engine of its own, makes the base image, stands in for the images that come from
a registry (the broker with Kafka's own jars, Prometheus with Debian's package), builds the image of
the engine by docker/Dockerfile, and then does what a user does: `docker compose up`, three copies,
one of them killed, the records judged by a reader that is not librdkafka, `docker compose stop
engine`, `docker compose down`.

DIR (build/compose) is on a real disk and gets some gigabytes; without --keep they are removed at
the end. With --keep the next run finds the images, and the compiler's cache, as they were, and
with --no-build it takes the engine's image that is there. All containers run with niceness N (15),
because compiling takes all processors for some minutes.

Exit codes: 0 passed, 1 failed, 77 no Docker engine can run here (it says why).
"""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "broker"))
import trial  # noqa: E402  the witness

import board  # noqa: E402  the queries of the Grafana board
import docker_engine  # noqa: E402
from docker_engine import Skip, compose, docker, say  # noqa: E402

IMAGE = "millrace:0.1.0"
RECORDS = 6000  # before each next step
BOOTSTRAP = "localhost:29092"
PORTS = [8080, 9090, 9464, 29092]
TOPICS = {"input": ["user-login"], "output": "processed-user-login",
          "dead_letters": "user-login.dead-letters", "group": "user-login"}


def wait_for(what, condition, timeout):
    """Looks once in half a second; says what it waits for, and returns what the condition did."""
    began = time.monotonic()
    next_word = began + 15
    while True:
        found = condition()
        if found:
            say(f"{what}: after {time.monotonic() - began:.0f} s")
            return found
        if time.monotonic() - began > timeout:
            raise AssertionError(f"{what}: not within {timeout} s")
        if time.monotonic() > next_word:
            say(f"... still waiting: {what}")
            next_word += 15
        time.sleep(0.5)


def containers(service):
    """What `docker inspect` says of each container of a service, also of those that ended."""
    ids = compose("ps", "-a", "-q", service).split()
    found = json.loads(docker("inspect", *ids)) if ids else []
    return sorted(found, key=lambda container: container["Name"])


def health(container):
    return container["State"].get("Health", {}).get("Status", "none")


def are_healthy(service, count):
    found = containers(service)
    return len(found) == count and all(health(container) == "healthy" for container in found)


def committed():
    """Records of the input that the group has committed."""
    return sum(trial.Witness.ask("committed", BOOTSTRAP, group=TOPICS["group"]).values())


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def check_configurations():
    for profiles in ([], ["--profile", "monitoring"], ["--profile", "*"]):
        compose(*profiles, "config", "--quiet")
    images = compose("--profile", "*", "config", "--images").split()
    for image in images:
        tag = image.rpartition(":")[2]
        assert re.search(r"\d", tag), f"{image} is not pinned"
    assert not any("zookeeper" in image for image in images)
    say(f"docker compose config: valid with every profile; images {', '.join(sorted(set(images)))}")


def check_container(container):
    """What the image and compose.yaml promise about the engine's container."""
    config, host = container["Config"], container["HostConfig"]
    assert config["User"] not in ("", "0", "root"), config["User"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert config["StopSignal"] == "SIGTERM"
    assert config["StopTimeout"] > 35, "the drain may take 35 s"
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 10}
    processes = pathlib.Path(f"/proc/{container['State']['Pid']}/status").read_text()
    assert re.search(r"^Uid:\s+10001\s", processes, re.M), "the process is another user"


def start():
    began = time.monotonic()
    compose("up", "--detach", "--quiet-pull", timeout=600)
    wait_for("the engine is healthy", lambda: are_healthy("engine", 1), 240)
    topics = containers("topics")[0]["State"]
    assert topics["Status"] == "exited" and topics["ExitCode"] == 0, topics
    check_container(containers("engine")[0])
    wait_for(f"{RECORDS} records are committed", lambda: committed() >= RECORDS, 240)
    say(f"up from nothing to {RECORDS} records in {time.monotonic() - began:.0f} s")
    assert "reached" in wait_for("the UI answers on localhost:8080", answers_ui, 60)


def answers_ui():
    try:
        return get("http://localhost:8080/")
    except OSError:
        return None


def scale():
    compose("up", "--detach", "--no-recreate", "--scale", "engine=3", timeout=240)
    wait_for("three copies are healthy", lambda: are_healthy("engine", 3), 240)
    before = committed()
    wait_for(f"{RECORDS} more records", lambda: committed() >= before + RECORDS, 240)
    names = {container["Name"] for container in containers("engine")}
    say(f"three copies: {', '.join(sorted(names))}")


def kill_one():
    """SIGKILL from outside of Docker, as the kernel's out-of-memory killer does it."""
    victim = containers("engine")[1]
    say(f"killing {victim['Name']} (process {victim['State']['Pid']}) with SIGKILL")
    os.kill(victim["State"]["Pid"], signal.SIGKILL)

    def restarted():
        now = json.loads(docker("inspect", victim["Id"]))[0]
        return now["RestartCount"] == 1 and health(now) == "healthy"

    wait_for("it is back", restarted, 240)
    before = committed()
    wait_for(f"{RECORDS} more records", lambda: committed() >= before + RECORDS, 240)


def drain():
    """Ends the generator, and waits until all that it sent has been committed."""
    compose("stop", "generator", timeout=120)
    generator = containers("generator")[0]["State"]
    assert generator["ExitCode"] == 0, f"the generator ended with {generator['ExitCode']}"
    sent = len(trial.Witness.ask("read", BOOTSTRAP, topic="user-login")["records"])
    wait_for(f"all {sent} records are committed", lambda: committed() >= sent, 240)
    return sent


def stop_engine():
    """`docker compose stop engine`: exit code 0, and the report in the log."""
    compose("stop", "engine", timeout=180)
    ended = containers("engine")
    for container in ended:
        state, name = container["State"], container["Name"]
        assert state["Status"] == "exited" and state["ExitCode"] == 0, (name, state)
        # Of the copy that was killed and came back, the log of both lives.
        log = docker("logs", container["Id"], stderr=subprocess.STDOUT)
        report = log[log.rfind("final report"):]
        assert "final report" in log and "identity: holds" in report, f"{name}:\n{log[-3000:]}"
    say(f"{len(ended)} copies ended with exit code 0 and a report whose identity holds")


def judge(sent):
    """Nothing lost, nothing repeated, all in order: by Kafka's own Java client."""
    # Of the copy that was killed a transaction stays open, and hides what is behind it, until its
    # timeout (10 s) is seen by the broker, which looks every 10 s.
    outputs = [TOPICS["output"], TOPICS["dead_letters"]]
    wait_for("no transaction is open", lambda: trial.Witness.ask(
        "undecided", BOOTSTRAP, topic=outputs)["offsets"] == 0, 60)
    found = trial.Witness.ask("check", BOOTSTRAP, **TOPICS)
    if found["violations"]:
        raise AssertionError(f"{found['violations']} violations:\n" + "\n".join(found["sentences"]))
    totals = found["totals"]
    assert totals["consumed"] == sent, (totals, sent)
    say(f"the witness: {json.dumps(totals)}; nothing lost, nothing repeated")


def run(work, build):
    check_configurations()
    docker_engine.make_stand_ins(work)
    if build:
        began = time.monotonic()
        say("building the engine's image by docker/Dockerfile (the whole program: some minutes)")
        compose("build", "engine", timeout=3600, quiet=False)
        say(f"built in {time.monotonic() - began:.0f} s")
    say(docker("run", "--rm", IMAGE, "--version"))
    start()
    scale()
    monitor()
    kill_one()
    sent = drain()
    stop_engine()
    judge(sent)


def monitor():
    """Prometheus scrapes the three copies, and knows every metric of the board."""
    compose("--profile", "monitoring", "up", "--detach", "--no-recreate", "prometheus", timeout=240)

    def query(expression):
        try:
            answer = get("http://localhost:9090/api/v1/query?"
                         + urllib.parse.urlencode({"query": expression}))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from None
        except OSError:
            return []
        return json.loads(answer)["data"]["result"]

    wait_for("Prometheus has three copies that are up",
             lambda: [r for r in query('sum(up{job="millrace"})') if r["value"][1] == "3"], 120)
    empty = {}

    def all_answer():
        nonlocal empty
        empty = {name: expression for name, expression in board.queries() if not query(expression)}
        return set(empty) <= board.MAY_BE_EMPTY

    try:
        wait_for("every panel of the board has data", all_answer, 120)
    except AssertionError:
        raise AssertionError(f"panels without data: {json.dumps(empty, indent=1)}") from None
    say(f"{len(board.queries())} queries of the board were answered by Prometheus")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "compose")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--nice", type=int, default=15)
    options = parser.parse_args()
    began = time.monotonic()
    work = options.work.resolve()
    code = 0
    engine = docker_engine.Engine(work, PORTS, options.nice)
    try:
        engine.start()
        try:
            run(work, not options.no_build)
        except (AssertionError, subprocess.SubprocessError) as error:
            say(f"FAILED: {error}")
            docker_engine.show_logs()
            code = 1
        finally:
            trial.Witness.end()
            compose("--profile", "*", "down", "--volumes", "--timeout", "10", check=False)
    except Skip as reason:
        say(f"SKIPPED: {reason}")
        code = 77
    finally:
        engine.stop()
        if not options.keep and engine.process is not None:
            docker_engine.remove(work)
    say(f"compose test: {'passed' if code == 0 else 'skipped' if code == 77 else 'failed'} after "
        f"{time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
