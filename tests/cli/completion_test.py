# SPDX-License-Identifier: Apache-2.0
"""What is made of the command line's own definition: help, completion, the man page and
docs/commands.md. completion_test.py PATH_OF_MILLRACE [unittest arguments]"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MILLRACE = ""
PATIENCE = 60


def run(*command, stdin=None, **more):
    return subprocess.run([str(word) for word in command], input=stdin, capture_output=True,
                          text=True, timeout=PATIENCE, check=False, **more)


def printed(*arguments):
    done = run(MILLRACE, *arguments)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{done.args}: {done.returncode}\n{done.stderr}")
    return done.stdout


def commands():
    """The path of each command, as docs/commands.md has them: ("dead-letters", "list")."""
    return [tuple(line.split()[2:]) for line in printed("man", "--markdown").splitlines()
            if line.startswith("## ")]


class Help(unittest.TestCase):
    def test_each_command_has_an_example_of_itself(self):
        for path in commands():
            text = printed(*path, "--help")
            has_commands = "\nCommands:\n" in text
            if path and not has_commands:
                with self.subTest(" ".join(path)):
                    self.assertRegex(text, f"Example: .*millrace.*{' '.join(path)}")

    def test_it_fits_into_80_columns(self):
        for path in commands():
            for line in printed(*path, "--help").splitlines():
                # A command of an example stays whole, so that it can be copied.
                if not re.match(r"(Example:| {9})", line):
                    self.assertLessEqual(len(line), 80, f"{path}: {line}")

    def test_each_option_says_what_it_does(self):
        for path in commands():
            text = printed(*path, "--help")
            self.assertNotRegex(text, r"\n  --?[\w-]+( \S+)?\n(  -|\n)", path)

    def test_the_page_of_commands_is_what_the_program_says(self):
        page = (ROOT / "docs" / "commands.md").read_text()
        self.assertEqual(page, printed("man", "--markdown"),
                         "write it anew: millrace man --markdown > docs/commands.md")


class Bash(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.script = self.folder / "completion.bash"
        self.script.write_text(printed("completion", "bash"))
        for name in ("a.yaml", "b c.yml", "other.txt"):
            (self.folder / name).touch()
        (self.folder / "folder").mkdir()

    def complete(self, *words):
        """What the last word is completed to."""
        program = ('source "$1"; shift; function_of=$(complete -p millrace); '
                   '[[ $function_of == *"-F _millrace "* ]] || exit 9; '
                   'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _millrace; '
                   'printf "%s\\n" "${COMPREPLY[@]}"')
        done = run("bash", "--norc", "-uc", program, "bash", self.script, "millrace", *words,
                   cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return [line for line in done.stdout.split("\n") if line]

    def test_commands(self):
        every = {path[0] for path in commands() if path}
        self.assertEqual(set(self.complete("")), every)
        self.assertEqual(self.complete("comp"), ["completion"])

    def test_commands_below_commands(self):
        for path in commands():
            if len(path) == 2:
                self.assertIn(path[1], self.complete(path[0], ""))

    def test_options(self):
        self.assertIn("--until-end", self.complete("run", "--"))
        self.assertEqual(self.complete("run", "--unt"), ["--until-end"])
        self.assertEqual(self.complete("run", "a.yaml", "--unt"), ["--until-end"])

    def test_values_of_an_option(self):
        self.assertEqual(set(self.complete("completion", "")), {"bash", "zsh", "fish"})
        self.assertEqual(self.complete("completion", "z"), ["zsh"])

    def test_pipeline_files(self):
        self.assertEqual(set(self.complete("run", "")), {"a.yaml", "b c.yml", "folder"})
        self.assertEqual(self.complete("run", "--until-end", "a"), ["a.yaml"])

    def test_any_file_where_any_will_do(self):
        self.assertEqual(self.complete("run", "--report-json", "oth"), ["other.txt"])
        self.assertEqual(self.complete("run", "--report-json", "=", "oth"), ["other.txt"])

    def test_nothing_where_a_number_stands(self):
        self.assertEqual(self.complete("run", "--clock", ""), [])

    def test_a_word_of_bash_itself_completes(self):
        """The same by bash's own machinery: what Tab would bring."""
        done = run("bash", "--norc", "-i", stdin=f'source "{self.script}"\ncomplete -p millrace\n',
                   cwd=self.folder)
        self.assertIn("complete -F _millrace millrace", done.stdout)


class OtherShells(unittest.TestCase):
    def test_zsh_takes_the_script(self):
        if not shutil.which("zsh"):
            self.skipTest("no zsh here")
        with tempfile.TemporaryDirectory(prefix="millrace-") as folder:
            script = pathlib.Path(folder) / "_millrace"
            script.write_text(printed("completion", "zsh"))
            done = run("zsh", "-n", script)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = run("zsh", "-fc", f"fpath=({folder} $fpath); autoload -Uz compinit; "
                       f"compinit -u -d {folder}/dump; whence -w _millrace; "
                       "print $_comps[millrace]")
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.stdout.split("\n")[:2], ["_millrace: function", "_millrace"])

    def test_fish_completes(self):
        if not shutil.which("fish"):
            self.skipTest("no fish here")
        with tempfile.TemporaryDirectory(prefix="millrace-") as folder:
            script = pathlib.Path(folder) / "millrace.fish"
            script.write_text(printed("completion", "fish"))
            home = {**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder}
            done = run("fish", "--no-execute", script, env=home)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

            def complete(line):
                done = run("fish", "--no-config", "-c",
                           f"source {script}; complete -C '{line}'", env=home, cwd=folder)
                self.assertEqual(done.stderr, "")
                return {row.split("\t")[0] for row in done.stdout.splitlines()}
            self.assertEqual(complete("millrace "), {path[0] for path in commands() if path})
            self.assertEqual(complete("millrace completion "), {"bash", "zsh", "fish"})
            self.assertIn("--until-end", complete("millrace run --un"))
            (pathlib.Path(folder) / "a.yaml").touch()
            (pathlib.Path(folder) / "a.txt").touch()
            self.assertIn("a.yaml", complete("millrace run a"))


class Man(unittest.TestCase):
    def test_it_renders_without_a_warning(self):
        if not shutil.which("groff"):
            self.skipTest("no groff here")
        page = printed("man")
        done = run("groff", "-man", "-Tutf8", "-ww", "-z", stdin=page)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_it_has_every_command_and_option(self):
        page = printed("man").replace("\\-", "-")
        for path in commands():
            self.assertIn(" ".join(("millrace", *path)), page)
            for option in re.findall(r"\n  .*?(--[\w-]+)", printed(*path, "--help")):
                self.assertIn(option, page)


if __name__ == "__main__":
    MILLRACE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
