"""Data of known truth, and figures worked out without the program."""

from __future__ import annotations

import importlib.util
import math
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

# Of an installed wheel the package of the environment is tested, else that of the checkout.
if importlib.util.find_spec("logitscope") is None:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

ROOT = pathlib.Path(__file__).resolve().parents[2]


def simulated(rows=600, classes=5, scale=2.0, seed=0):
    """Logits whose best temperature is near `scale`, float32."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, classes)) * 2
    p = softmax(z)
    labels = (p.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1)
    return (z * scale).astype(np.float32), np.minimum(labels, classes - 1)


def softmax(z, temperature=1.0):
    z = np.asarray(z, dtype=np.float64) / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def accuracy(z, labels):
    return float((np.asarray(z).argmax(axis=1) == labels).mean())


def nll(z, labels, temperature=1.0, weight=None):
    p = softmax(z, temperature)[np.arange(len(labels)), labels]
    return float(np.average(-np.log(p), weights=weight))


def ece(z, labels, temperature=1.0, bins=15):
    p = softmax(z, temperature)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[of == b].sum() - confidence[of == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(labels))


def best_temperature(z, labels, weight=None):
    """By golden section on ln T, along which the NLL has one minimum."""
    low, high, ratio = math.log(1e-2), math.log(1e2), (math.sqrt(5) - 1) / 2
    for _ in range(100):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if nll(z, labels, math.exp(left), weight) < nll(z, labels, math.exp(right), weight):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


class Case(unittest.TestCase):
    """A test that runs in an empty folder, and fails if a temporary file is left behind."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "work").mkdir()
        (self.folder / "temporary").mkdir()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder / "work")
        kept, tempfile.tempdir = tempfile.tempdir, str(self.folder / "temporary")
        self.addCleanup(setattr, tempfile, "tempdir", kept)
        self.addCleanup(lambda: self.assertEqual(os.listdir(self.folder / "temporary"), []))
        # No configuration of the person who runs the tests.
        home = mock.patch.dict(os.environ, XDG_CONFIG_HOME=str(self.folder))
        home.start()
        self.addCleanup(home.stop)


def library(name):
    """A library to be tested with, or a test that is skipped aloud."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"!!! NO {name.upper()}: its arrays are NOT TESTED !!!", file=sys.stderr)
        raise unittest.SkipTest(f"{name} is not installed") from None
