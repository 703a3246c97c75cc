"""Errors are the program's words, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import unittest
from unittest import mock

import numpy as np
from support import Case, simulated

import logitscope


class Errors(Case):
    def setUp(self):
        super().setUp()
        self.z, self.y = simulated()

    def error(self, call, *given, **flags):
        with self.assertRaises(logitscope.Error) as caught:
            call(*given, **flags)
        error = caught.exception
        self.assertNotIn(str(self.folder / "temporary"), str(error))
        self.assertNotIn("Usage", str(error))
        return error

    def test_words_and_hint(self):
        error = self.error(logitscope.report, self.z, self.y[:-1])
        self.assertEqual(error.message, "arrays: 600 rows of logits in logits (f32, 600 x 5) and 599 labels")
        self.assertIn("both must describe the same rows", error.hint)
        self.assertEqual(str(error), f"{error.message}\n\nhint: {error.hint}")
        self.assertEqual(error.status, 2)
        self.assertNotIsInstance(error, logitscope.Failure)

    def test_unknown_flags(self):
        error = self.error(logitscope.report, self.z, self.y, clases=3)
        self.assertEqual(error.message, "unexpected argument '--clases' found")
        self.assertEqual(error.hint, "a similar argument exists: '--classes'")
        error = self.error(logitscope.report, self.z, self.y, kind="logit")
        self.assertIn("invalid value 'logit'", error.message)
        error = self.error(logitscope.apply, self.z)
        self.assertIn("--temperature", error.message)

    def test_files(self):
        self.assertEqual(self.error(logitscope.report, "nope.npz").message, "nope.npz: no such file or folder")
        error = self.error(logitscope.report, self.z, "nope.npy")
        self.assertIn("nope.npy", error.message)
        error = self.error(logitscope.fit, self.z, self.y, out="no/such/folder.json")
        self.assertIn("folder.json", error.message)
        np.savez("val.npz", logits=self.z, labels=self.y)
        self.assertIn("never pooled", self.error(logitscope.report, ["val.npz", "val.npz"]).message)
        self.assertIn("only 1 was provided", self.error(logitscope.compare, ["val.npz"]).message)
        # A file called like a flag is a file.
        self.assertIn("--help: no such", self.error(logitscope.report, "--help").message)

    def test_failures(self):
        self.z[3, 4] = np.nan
        for out in (None, "card.json"):
            failure = self.error(logitscope.fit, self.z, self.y, out=out)
            self.assertIsInstance(failure, logitscope.Failure)
            self.assertEqual(failure.status, 1)
            self.assertEqual(failure.findings[0].rule, "non_finite")
            self.assertEqual(failure.findings[0].rows, [3])
            self.assertIn("no card was written", failure.hint)
            self.assertFalse(os.path.exists("card.json"))
        card = logitscope.fit(self.z, self.y, despite_failures=True)
        self.assertEqual(card.findings[0].rule, "non_finite")
        failure = self.error(logitscope.apply, self.z, card)
        self.assertIsInstance(failure, logitscope.Failure)
        self.assertIn("nothing was written", failure.hint)
        self.assertEqual(logitscope.apply(self.z, card, despite_failures=True).shape, self.z.shape)
        self.assertIn("FAILURE: non_finite", repr(logitscope.report(self.z, self.y)))

    def test_no_temperature(self):
        error = self.error(logitscope.fit, -self.z, self.y)
        self.assertEqual(error.status, 2)
        self.assertIn("no temperature", error.message)
        self.assertIsNone(logitscope.report(-self.z, self.y).temperature)

    def test_what_is_no_array(self):
        for logits, labels, words in [
            (5, 3, "logits: int is neither an array nor the path"),
            (object(), self.y, "logits: object is neither an array"),
            ([[1.0, 2.0], [3.0]], [0, 1], "different lengths"),
            (np.array([[1.0, None]] * 600), self.y, "value 1 (counted from 0) is None, which is no number"),
            (self.z, [*self.y[:-1].tolist(), None], "value 599 (counted from 0) is None"),
            (self.z, np.array(["a"] * 599 + [None], dtype=object), "is None, which is no text"),
            (self.z, {"a": self.y}, "labels: dict"),
            (np.ma.masked_greater(self.z, 1), self.y, "masked entries"),
            (self.z.astype(int), self.y, "no array of logits found"),
        ]:
            with self.subTest(words):
                self.assertIn(words, self.error(logitscope.report, logits, labels).message)

    def test_what_an_array_raises_of_its_own(self):
        class Remote:
            def __array__(self, dtype=None, copy=None):
                raise OSError("it is on another machine")

        error = self.error(logitscope.report, Remote(), self.y)
        self.assertIn("Remote cannot be read as an array: it is on another machine", error.message)

    def test_columns(self):
        np.savez("val.npz", logits=self.z, labels=self.y)
        self.assertIn("weight holds 3 values", self.error(logitscope.report, self.z, self.y, weight=np.ones(3)).message)
        self.assertIn("beside a file", self.error(logitscope.report, "val.npz", weight=np.ones(600)).message)
        self.assertIn("no column nope", self.error(logitscope.report, self.z, self.y, weight="nope").message)
        self.assertIn("bins: a value", self.error(logitscope.report, self.z, self.y, bins=np.ones(3)).message)
        twice = {"logits": self.z, "labels": self.y}
        self.assertIn("given twice", self.error(logitscope.report, twice, self.y).message)
        error = self.error(logitscope.report, self.z, self.y, test=("val.npz", self.y))
        self.assertIn("by its path alone", error.message)

    def test_forms_are_not_figures(self):
        self.assertIn("takes no format", self.error(logitscope.report, self.z, self.y, format="html").message)
        self.assertIn("takes no out", self.error(logitscope.doctor, self.z, self.y, out="x").message)
        self.assertIn("several models", self.error(logitscope.compare, self.z, self.y).message)
        self.assertIn("invalid value 'pdf'", self.error(logitscope.report(self.z, self.y).render, "pdf").message)

    def test_without_numpy(self):
        np.savez("val.npz", logits=self.z, labels=self.y)
        code = (
            "import sys; sys.modules['numpy'] = None\n"
            "import logitscope\n"
            "print(logitscope.report('val.npz').temperature)\n"
            "logitscope.apply('val.npz', logitscope.fit('val.npz'), out='probs.csv')\n"
            "try: logitscope.report([[1.0, 2.0]], [0])\n"
            "except logitscope.Error as error: print(error)\n"
        )
        path = os.path.dirname(os.path.dirname(logitscope.__file__))
        environment = {**os.environ, "PYTHONPATH": path}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        lines = done.stdout.splitlines()
        self.assertEqual(float(lines[0]), logitscope.report("val.npz").temperature, done.stderr)
        self.assertEqual(lines[1:], ["arrays need NumPy", "", "hint: pip install numpy, or give the path of a file"])
        self.assertTrue(os.path.exists("probs.csv"))

    @unittest.skipIf(os.name == "nt", "Ctrl-C comes another way there")
    def test_interrupt_ends_the_program_and_leaves_nothing(self):
        script = self.folder / "slow"
        script.write_text(f"#!/bin/sh\necho $$ > {self.folder}/pid\nexec sleep 60\n")
        script.chmod(0o755)
        main = threading.main_thread().ident
        timer = threading.Timer(0.5, lambda: signal.pthread_kill(main, signal.SIGINT))
        with mock.patch.dict(os.environ, LOGITSCOPE_BIN=str(script)):
            timer.start()
            with self.assertRaises(KeyboardInterrupt):
                logitscope.report(self.z, self.y)
        with self.assertRaises(ProcessLookupError):
            os.kill(int((self.folder / "pid").read_text()), 0)

    @unittest.skipIf(os.name == "nt", "signals")
    def test_a_program_that_is_killed(self):
        script = self.folder / "killed"
        script.write_text("#!/bin/sh\nkill -9 $$\n")
        script.chmod(0o755)
        with mock.patch.dict(os.environ, LOGITSCOPE_BIN=str(script)):
            error = self.error(logitscope.report, self.z, self.y)
        self.assertEqual(error.message, "the program was ended by signal 9")
