# SPDX-License-Identifier: Apache-2.0
"""A Docker engine of one's own, without a registry: dockerd in a folder, Debian's compose and
buildx, a base image made by debootstrap, and stand-ins for images that only a registry has.

The engine changes the packet filter and makes a bridge; both are put back as they were."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUITE = "trixie"
BASE = "debian:trixie-slim"
# What the true image has, too: packages are unpacked without waiting for the disk after each file,
# and without documents.
DPKG = {"docker-apt-speedup": "force-unsafe-io\n",
        "docker": "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\n"
                  "path-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n"}
BEGAN = time.monotonic()


class Skip(Exception):
    """Why no Docker engine can run here."""


def say(text):
    print(f"[{time.monotonic() - BEGAN:6.1f} s] {text}", flush=True)


def run(*command, timeout=600, check=True, quiet=True, stderr=None, **more):
    """The output of a command; where it fails, an error with the end of what it said."""
    if not quiet:
        subprocess.run(command, check=check, timeout=timeout, stdin=subprocess.DEVNULL, **more)
        return ""
    done = subprocess.run(command, check=False, timeout=timeout, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=stderr or subprocess.PIPE, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                             f"{done.stdout[-2000:]}\n{(done.stderr or '')[-4000:]}")
    return done.stdout.strip()


def docker(*arguments, **options):
    return run("docker", *arguments, **options)


def compose(*arguments, **options):
    return run("docker", "compose", "--progress", "plain", *arguments, cwd=ROOT, **options)


def show_logs():
    print(compose("--profile", "*", "ps", "-a", check=False), flush=True)
    print(compose("--profile", "*", "logs", "--tail", "40", check=False, stderr=subprocess.STDOUT),
          flush=True)


class Engine:
    """dockerd with all that it writes under `work`; the variables by which clients find it."""

    def __init__(self, work, ports, niceness):
        self.work = work
        self.ports = ports
        self.niceness = niceness
        self.process = None
        self.rules = {}

    def start(self):
        self.check_possible()
        self.work.mkdir(parents=True, exist_ok=True)
        self.rules = {table: iptables_of(table) for table in ("filter", "nat")}
        address = f"unix://{self.work}/d.sock"
        with (self.work / "dockerd.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["nice", "-n", str(self.niceness), "dockerd", "-H", address,
                 "--data-root", self.work / "root", "--exec-root", self.work / "exec",
                 "--pidfile", self.work / "pid"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        configuration = self.work / "client"
        configuration.mkdir(exist_ok=True)
        (configuration / "config.json").write_text(
            json.dumps({"cliPluginsExtraDirs": [str(self.work / "plugins")]}))
        os.environ.update(DOCKER_HOST=address, DOCKER_CONFIG=str(configuration))
        for variable in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"):
            os.environ.pop(variable, None)
        self.wait()
        make_base(self.work)
        make_plugins(self.work)
        say(f"{docker('version', '--format', 'engine {{.Server.Version}}')}, "
            f"compose {compose('version', '--short')}")

    def check_possible(self):
        if os.geteuid() != 0:
            raise Skip("starting a Docker engine needs root")
        for program in ("dockerd", "docker", "debootstrap", "iptables"):
            if shutil.which(program) is None:
                raise Skip(f"{program} is not installed: ./dev compose-test installs it on Debian")
        if pathlib.Path("/sys/class/net/docker0").exists():
            raise Skip("a Docker engine runs here already, and two would share a bridge: "
                       "`docker compose up` is the test")
        for port in self.ports:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    raise Skip(f"port {port}, which compose.yaml opens, is in use")

    def wait(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                end = (self.work / "dockerd.log").read_text(errors="replace")[-1500:]
                raise Skip(f"dockerd does not run here (no privileges?):\n{end}")
            if subprocess.run(["docker", "version"], capture_output=True, check=False,
                              timeout=30).returncode == 0:
                say("the Docker engine runs")
                return
            time.sleep(0.5)
        raise Skip("dockerd did not answer within 90 s")

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        unmount(self.work)
        subprocess.run(["ip", "link", "delete", "docker0"], capture_output=True, check=False)
        for table, rules in self.rules.items():
            if iptables_of(table) != rules:
                subprocess.run(["iptables-restore", "--table", table], input=rules, text=True,
                               check=True)
        say("the Docker engine has stopped")


def iptables_of(table):
    """The rules of a table without their counters and comments."""
    text = run("iptables-save", "--table", table)
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    if not lines:  # a table that nothing has used yet
        lines = [f"*{table}", "COMMIT"]
    return "\n".join(line.split(" [")[0] + " [0:0]" if line[0] == ":" else line
                     for line in lines) + "\n"


def unmount(folder):
    """What is mounted below, the innermost first."""
    mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], capture_output=True, check=False)


def remove(folder):
    unmount(folder)
    run("rm", "-rf", "--one-file-system", folder)


def make_base(work):
    """The base image, from Debian's mirror, under the tag that the Dockerfiles name."""
    root = work / SUITE
    if not (root / ".complete").exists():
        say(f"making {BASE} by debootstrap")
        remove(root)
        run("debootstrap", "--variant=minbase", SUITE, root, timeout=900)
        unmount(root)  # it leaves /proc there, and a copy of that has no end
        for name, text in DPKG.items():
            (root / "etc" / "dpkg" / "dpkg.cfg.d" / name).write_text(text)
        for path in (root / "var" / "cache" / "apt" / "archives").glob("*.deb"):
            path.unlink()
        (root / ".complete").touch()
    if not docker("images", "--quiet", BASE):
        with subprocess.Popen(["tar", "-C", root, "--one-file-system", "--exclude",
                               "./.complete", "-c", "."],
                              stdout=subprocess.PIPE) as tar:
            subprocess.run(["docker", "import", "-", BASE], stdin=tar.stdout, check=True,
                           stdout=subprocess.DEVNULL, timeout=600)


def make_plugins(work):
    """compose v2 and buildx, which Debian 12 does not have: static programs of Debian 13."""
    plugins = work / "plugins"
    if (plugins / "docker-buildx").exists():
        return
    root = work / SUITE
    run("chroot", root, "sh", "-c", "cd /tmp && apt-get -q update && "
        "apt-get -q download docker-compose docker-buildx", timeout=300)
    for package in (root / "tmp").glob("docker-*.deb"):
        run("dpkg-deb", "-x", package, work / "unpacked")
        package.unlink()
    plugins.mkdir(exist_ok=True)
    for program in (work / "unpacked" / "usr" / "libexec" / "docker" / "cli-plugins").iterdir():
        shutil.copy(program, plugins)
        (plugins / program.name).chmod(0o755)
    shutil.rmtree(work / "unpacked")


def make_stand_ins(work):
    """Images that only a registry has, under the very tags that compose.yaml names."""
    services = json.loads(compose("--profile", "*", "config", "--format", "json"))["services"]
    context = work / "kafka"
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(HERE / "kafka", context)
    shutil.copytree(ROOT / "build" / "kafka" / "libs", context / "libs")
    for service, folder in (("kafka", context), ("prometheus", HERE / "prometheus"),
                            ("kafka-ui", HERE / "ui")):
        image = services[service]["image"]
        say(f"making a stand-in for {image}")
        docker("build", "--tag", image, folder, timeout=1200)
