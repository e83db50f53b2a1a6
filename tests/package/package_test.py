#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""package_test.py PACKAGE [--work DIR]: installs the Debian package in a fresh Debian, runs the
program there, and removes it again, so that nothing of it stays.

The Debian is made by debootstrap in DIR (build/package), of the release that this machine
runs, which is the one that the package was built for.

Exit codes: 0 passed, 1 failed, 77 it cannot be tried here (it says why).
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = "/etc/millrace/user-login.yaml"
EXAMPLES = "/usr/share/doc/millrace/examples/pipelines"
UNIT = "/usr/lib/systemd/system/millrace@.service"
BEGAN = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - BEGAN:6.1f} s] {text}", flush=True)


def run(*command, check=True):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, check=False, timeout=900,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"})
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                             f"{done.stdout[-3000:]}")
    return done.stdout if check else (done.returncode, done.stdout)


def codename():
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line).get("VERSION_CODENAME", "")


def unmount(folder):
    """What is mounted below: debootstrap leaves /proc there, and a copy of that has no end."""
    mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        run("umount", mount)


def remove(folder):
    unmount(folder)
    run("rm", "-rf", "--one-file-system", str(folder))


def make_debian(work):
    """A minimal system to install into; the one that was unpacked once is copied."""
    base, root = work / "base", work / "root"
    if not (base / ".complete").exists():
        say(f"making a Debian {codename()} by debootstrap")
        remove(base)
        run("debootstrap", "--variant=minbase", codename(), str(base))
        unmount(base)
        (base / "etc/dpkg/dpkg.cfg.d/speedup").write_text("force-unsafe-io\n")
        (base / ".complete").touch()
    remove(root)
    run("cp", "-a", "--one-file-system", str(base), str(root))
    run("chroot", str(root), "apt-get", "-q", "update")


def ours(root):
    """All that has the program's name, outside of apt's and dpkg's own books."""
    found = run("find", str(root), "-xdev", "-name", "*millrace*").split()
    return [path for path in found
            if not path.startswith((f"{root}/var/cache", f"{root}/var/log", f"{root}/var/lib/apt"))]


def check_installed(root, inside):
    say(inside("millrace", "--version").strip())
    inside("millrace", "check", EXAMPLE)
    for name in ("p0", "p3", "orders"):
        inside("millrace", "check", f"{EXAMPLES}/{name}.yaml")
    cases = inside("millrace", "test", f"{EXAMPLES}/p3.yaml").strip().splitlines()
    say(f"the examples are right: {cases[-1]}")
    libraries = inside("ldd", "/usr/bin/millrace")
    assert "not found" not in libraries, libraries
    status, changed = run("chroot", str(root), "dpkg", "--verify", "millrace", check=False)
    assert status == 0 and not changed.strip(), changed
    for path in (UNIT, "/usr/share/man/man1/millrace.1",
                 "/usr/share/bash-completion/completions/millrace"):
        assert (root / path[1:]).stat().st_size > 0, path
    conffiles = inside("dpkg-query", "-W", "-f", "${Conffiles}", "millrace")
    assert EXAMPLE in conffiles, f"{EXAMPLE} is no conffile: an update would overwrite it"
    owners = inside("find", "/etc/millrace", "/usr/bin/millrace", "!", "-user", "root")
    assert not owners.strip(), owners


def check_removal(root, inside):
    example = root / EXAMPLE[1:]
    example.write_text(example.read_text() + "# changed by an administrator\n")
    inside("apt-get", "-q", "-y", "remove", "millrace")
    assert example.exists(), "a changed configuration must stay when the package is removed"
    for path in ("/usr/bin/millrace", UNIT):
        assert not (root / path[1:]).exists(), f"{path} is still there"
    inside("apt-get", "-q", "-y", "purge", "millrace")
    left = [path for path in ours(root) if not path.endswith("/millrace.deb")]
    assert not left, f"left behind after purge: {left}"
    say("removed, and nothing of it stayed; a changed configuration was kept until purge")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("package", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "package")
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None or not codename():
        say("SKIPPED: this needs root, debootstrap and a Debian")
        return 77
    options.work.mkdir(parents=True, exist_ok=True)
    root = options.work.resolve() / "root"

    def inside(*command):
        return run("chroot", str(root), *command)

    try:
        make_debian(options.work.resolve())
        shutil.copy(options.package, root / "millrace.deb")
        inside("apt-get", "-q", "-y", "install", "--no-install-recommends", "/millrace.deb")
        say("installed, with what it depends on")
        check_installed(root, inside)
        check_removal(root, inside)
    except AssertionError as error:
        say(f"FAILED: {error}")
        return 1
    finally:
        remove(root)
    say("package test: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
