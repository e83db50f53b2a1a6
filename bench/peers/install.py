# SPDX-License-Identifier: Apache-2.0
"""Gets the peers: each into build/peers/NAME, from its ordinary registry, at the versions that its
folder pins, once. What is there already for the same sources is used as it is."""

import hashlib
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "peers"
PATIENCE = 1800


class Missing(Exception):
    """A peer cannot be had here; the text is a sentence that says why."""


def python(name):
    """A virtual environment with requirements.txt; the program of it."""
    program = BUILD / name / "venv" / "bin" / "python"
    wanted = HERE / name / "requirements.txt"

    def install():
        shutil.rmtree(BUILD / name / "venv", ignore_errors=True)
        run(name, [sys.executable, "-m", "venv", BUILD / name / "venv"],
            "python3-venv is not installed")
        run(name, [program, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r",
                   wanted], "PyPI cannot be reached")

    once(name, [wanted], program, install)
    return program


def maven(name):
    """What it is compiled to, with the jars that it needs; the class path of both."""
    folder, built = HERE / name, BUILD / name
    sources = [folder / "pom.xml", *sorted(folder.glob("src/main/java/*.java"))]

    def install():
        run(name, ["mvn", "-B", "-q", "-f", folder / "pom.xml", "clean", "compile",
                   "dependency:copy-dependencies", f"-DoutputDirectory={built / 'lib'}",
                   "-DincludeScope=runtime", f"-Dpeers.build={built}"],
            "Maven or a JDK is not installed, or Maven Central cannot be reached")

    once(name, sources, built / "classes", install)
    return f"{built / 'classes'}:{built / 'lib'}/*"


def go(name):
    program = BUILD / name / name
    folder = HERE / name
    sources = [folder / "main.go", folder / "go.mod", folder / "go.sum"]

    def install():
        run(name, ["go", "build", "-p", "2", "-trimpath", "-o", program, "."],
            "Go is not installed, or its module proxy cannot be reached", cwd=folder)

    once(name, sources, program, install)
    return program


def once(name, sources, made, install):
    """Unless it was installed from the same sources already."""
    stamp = BUILD / name / ".sources-sha256"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    if made.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    print(f"installing {name} into {BUILD / name}, once...", file=sys.stderr, flush=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    install()
    stamp.write_text(digest)


def run(name, command, likely, cwd=None):
    command = [str(part) for part in command]
    try:
        done = subprocess.run(["nice", "-n", "5", *command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=PATIENCE, cwd=cwd, check=False)
    except subprocess.TimeoutExpired:
        raise Missing(f"{name} cannot be installed here: {command[0]} took over {PATIENCE} s.")
    if done.returncode != 0:
        last = "\n".join(done.stdout.strip().splitlines()[-5:])
        raise Missing(f"{name} cannot be installed here: {likely}.\n{last}")


def output(*command):
    """What a tool says, or nothing where it fails: for versions."""
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
    except FileNotFoundError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def python_versions(program, *packages):
    names = ", ".join(repr(package) for package in packages)
    lines = output(program, "-c", "import platform, importlib.metadata as m\n"
                   "print(platform.python_version())\n"
                   f"for name in ({names},): print(m.version(name))").split()
    return dict(zip(("Python", *packages), lines))


def java_versions(name, **jars):
    """Of the jars `title="begin-of-its-name"`, and of the machine that runs them."""
    found = {"Java": output("java", "-version").split('"')[1::2][:1]}
    for title, stem in jars.items():
        found[title] = [path.stem[len(stem) + 1:]
                        for path in (BUILD / name / "lib").glob(f"{stem}-[0-9]*.jar")]
    return {title: values[0] for title, values in found.items() if values}


def go_versions(program, *modules):
    words = [line.split() for line in output("go", "version", "-m", program).splitlines()]
    found = {line[1]: line[2] for line in words if len(line) > 2 and line[0] == "dep"}
    return {"Go": words[0][-1] if words else "unknown",
            **{module: found[module] for module in modules if module in found}}
