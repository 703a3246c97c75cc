"""The program beside the package: where it is, and `python -m logitscope`."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import sysconfig
import unittest
from unittest import mock

from support import Case

import logitscope


class Program(Case):
    def module(self, *words, **options):
        path = os.path.dirname(os.path.dirname(logitscope.__file__))
        options.setdefault("env", {**os.environ, "PYTHONPATH": path})
        return subprocess.run([sys.executable, "-m", "logitscope", *words], capture_output=True, text=True, **options)

    def test_module_is_the_program(self):
        done = self.module("--version")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("logitscope "))
        done = self.module("report", "nope.npz")
        self.assertEqual((done.returncode, done.stderr.strip()), (2, "error: nope.npz: no such file or folder"))

    def test_module_without_path(self):
        path = os.path.dirname(os.path.dirname(logitscope.__file__))
        done = self.module("--version", env={"PYTHONPATH": path, "LOGITSCOPE_BIN": logitscope.find_bin()})
        self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipIf(os.name == "nt", "signals")
    def test_module_passes_status_and_signals(self):
        for body, status in (("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM)):
            script = self.folder / "script"
            script.write_text(f"#!/bin/sh\n{body}\n")
            script.chmod(0o755)
            with mock.patch.dict(os.environ, LOGITSCOPE_BIN=str(script)):
                self.assertEqual(self.module().returncode, status)

    def test_module_without_program(self):
        with mock.patch.dict(os.environ, LOGITSCOPE_BIN="/no/such/file"):
            done = self.module()
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.strip(), "error: LOGITSCOPE_BIN is /no/such/file, and there is no such file")

    def test_places(self):
        name = "logitscope" + (sysconfig.get_config_var("EXE") or "")
        places = {"scripts": self.folder / "v" / "bin", "user": self.folder / "u" / "bin", "path": self.folder / "p"}
        for place in places.values():
            place.mkdir(parents=True)

        def schemes(what, scheme=None):
            return str(places["user" if scheme else "scripts"])

        environment = {"PATH": str(places["path"]), "LOGITSCOPE_BIN": ""}
        target = self.folder / "target"
        shutil.copytree(pathlib.Path(logitscope.__file__).parent, target / "logitscope")
        beside = target / "bin" / name
        beside.parent.mkdir()
        with mock.patch.dict(os.environ, environment), mock.patch("sysconfig.get_path", schemes), mock.patch(
            "logitscope._find.__file__", str(target / "logitscope" / "_find.py")
        ):
            with self.assertRaisesRegex(logitscope.Error, "not installed beside"):
                logitscope.find_bin()
            # The last one first: each that is added comes before those that are there.
            for file in (places["path"] / name, places["user"] / name, beside, places["scripts"] / name):
                file.write_text("#!/bin/sh\n")
                file.chmod(0o755)
                self.assertEqual(logitscope.find_bin(), str(file))
