"""What the calls give, held against figures that are worked out here."""

import contextlib
import copy
import html
import io
import json
import pathlib
import pickle
import re
import threading

import numpy as np
from support import ROOT, Case, accuracy, best_temperature, ece, nll, simulated, softmax

import logitscope


class Calls(Case):
    def setUp(self):
        super().setUp()
        self.z, self.y = simulated()
        self.best = best_temperature(self.z, self.y)

    def test_report(self):
        result = logitscope.report(self.z, self.y)
        self.assertAlmostEqual(result.temperature, self.best, delta=1e-6 * self.best)
        self.assertEqual(result.temperature, result["fit"]["temperature"])
        self.assertEqual(result.before.accuracy, accuracy(self.z, self.y))
        self.assertAlmostEqual(result.before.nll, nll(self.z, self.y), delta=1e-9)
        self.assertAlmostEqual(result.before.ece, ece(self.z, self.y), delta=1e-9)
        self.assertAlmostEqual(result.in_sample_after.nll, nll(self.z, self.y, self.best), delta=1e-9)
        self.assertAlmostEqual(result.in_sample_after.ece, ece(self.z, self.y, result.temperature), delta=1e-9)
        self.assertEqual(sum(bin.count for bin in result.reliability.before), 600)
        self.assertEqual(result.source.path, "arrays")
        self.assertIn("overconfident", repr(result))

    def test_flags(self):
        more = {"compare_methods": True, "thresholds": 0.8}
        result = logitscope.report(self.z, self.y, bins=10, binning="mass", level=0.9, **more)
        self.assertAlmostEqual(result.before.ece, ece(self.z, self.y, bins=10), delta=1e-9)
        self.assertEqual(result.fit.interval.level, 0.9)
        self.assertIn("methods", result)
        plain = logitscope.report(self.z, self.y, compare_methods=False, thresholds=None)
        self.assertNotIn("methods", plain)
        padded = np.pad(self.z, [(0, 0), (0, 3)])
        self.assertAlmostEqual(logitscope.report(padded, self.y, classes=5).before.nll, nll(self.z, self.y), delta=1e-9)
        named = logitscope.report(self.z, self.y, class_names=["a", "b", "c", "d", "an é"])
        self.assertEqual(named.source.class_names[4], "an é")
        sliced = logitscope.report(
            {"logits": self.z, "labels": self.y, "a": self.y % 2, "b": self.y % 3}, slice=["a", "b"]
        )
        self.assertEqual({one.column for one in sliced.slices}, {"a", "b"})

    def test_a_second_part_to_judge_on(self):
        val, test = slice(0, 400), slice(400, 600)
        best = best_temperature(self.z[val], self.y[val])
        other = self.z[test], self.y[test]
        np.savez("test.npz", logits=other[0], labels=other[1])
        for given in (other, {"logits": other[0], "labels": other[1]}, "test.npz", pathlib.Path("test.npz")):
            result = logitscope.report(self.z[val], self.y[val], test=given)
            self.assertEqual(result.evaluated_on, "test")
            self.assertAlmostEqual(result.temperature, best, delta=1e-6 * best)
            self.assertAlmostEqual(result.before.nll, nll(*other), delta=1e-9)
            self.assertAlmostEqual(result.after.nll, nll(*other, result.temperature), delta=1e-9)
        card = logitscope.fit(self.z[val], self.y[val], test=other)
        self.assertAlmostEqual(card.after.nll, nll(*other, card.temperature), delta=1e-9)

    def test_paths(self):
        np.savez("val.npz", logits=self.z, labels=self.y)
        np.save("bare.npy", self.z)
        np.save("truth.npy", self.y)
        given = [
            ("val.npz", None),
            (pathlib.Path("val.npz"), None),
            ("bare.npy", "truth.npy"),
            ("bare.npy", self.y),
            (self.z, pathlib.Path("truth.npy")),
            (self.z, "truth.npy"),
        ]
        for logits, labels in given:
            result = logitscope.report(logits, labels, bootstrap=0)
            self.assertAlmostEqual(result.temperature, self.best, delta=1e-6 * self.best)
        self.assertEqual(logitscope.report("val.npz").source.path, "val.npz")

    def test_fit_and_apply(self):
        card = logitscope.fit(self.z, self.y, out="card.json")
        self.assertAlmostEqual(card.temperature, self.best, delta=1e-6 * self.best)
        written = json.loads(pathlib.Path("card.json").read_text())
        self.assertEqual(written, card)
        unwritten = logitscope.fit(self.z, self.y)
        self.assertEqual({**unwritten, "created": None}, {**card, "created": None})
        self.assertIn("OVERCONFIDENT", unwritten.render("text"))
        self.assertNotIn("wrote", unwritten.render("text"))
        quiet = logitscope.fit(self.z, self.y, quiet=True)
        self.assertEqual(quiet.render("text"), unwritten.render("text"))
        expected = softmax(self.z, card.temperature)
        np.savez("val.npz", logits=self.z, labels=self.y)
        for logits in (self.z, "val.npz", {"logits": self.z, "labels": self.y}):
            for how in (card, dict(card), "card.json", pathlib.Path("card.json")):
                np.testing.assert_allclose(logitscope.apply(logits, how), expected, atol=1e-12)
        for temperature in ({"card": 2.0}, {"card": np.float32(2)}, {"temperature": np.array(2.0)}):
            np.testing.assert_allclose(logitscope.apply(self.z, **temperature), softmax(self.z, 2), atol=1e-12)
        scaled = logitscope.apply(self.z, temperature=2, as_="logits")
        np.testing.assert_allclose(scaled, self.z.astype(np.float64) / 2, rtol=1e-15)
        self.assertIsNone(logitscope.apply(self.z, card, out=pathlib.Path("probs.npy")))
        np.testing.assert_allclose(np.load("probs.npy"), expected, atol=1e-12)

    def test_compare(self):
        worse = self.z + np.random.default_rng(3).normal(size=self.z.shape) * 4
        np.save("worse.npy", worse)
        for models in ({"good": self.z, "worse": worse}, {"good": self.z, "worse": "worse.npy"}, [self.z, worse]):
            result = logitscope.compare(models, self.y)
            difference = nll(worse, self.y) - nll(self.z, self.y)
            self.assertAlmostEqual(result.runs[1].before.nll - result.runs[0].before.nll, difference, delta=1e-9)
            self.assertAlmostEqual(result.temperature[0], self.best, delta=1e-6 * self.best)
        named = logitscope.compare({"a/b": self.z, "c": worse}, self.y)
        self.assertEqual([run.source.path for run in named.runs], ["a_b", "c"])
        self.assertIn("a_b", named.render("text"))
        self.assertIn("<iframe", named._repr_html_())
        with self.assertRaisesRegex(logitscope.Error, "A is the name of a file already"):
            logitscope.compare({"a": self.z, "A": worse}, self.y)

    def test_doctor(self):
        sound = logitscope.doctor(self.z, self.y).runs[0].findings
        self.assertNotIn("failure", [finding.severity for finding in sound])
        broken = self.z.copy()
        broken[2, 1] = np.inf
        found = logitscope.doctor(broken, self.y)
        self.assertEqual(found.runs[0].findings[0].rule, "non_finite")
        self.assertEqual(found.runs[0].findings[0].rows, [2])
        self.assertIn("FAILURE: non_finite", repr(found))
        self.assertIn("<pre>", found._repr_html_())
        np.savez("step_1.npz", logits=self.z, labels=self.y)
        np.savez("step_2.npz", logits=self.z * 2, labels=self.y)
        run = logitscope.doctor(["step_1.npz", "step_2.npz"])
        self.assertAlmostEqual(run.temperature[1], 2 * self.best, delta=1e-5 * self.best)

    def test_text_and_page(self):
        result = logitscope.report(self.z, self.y)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            result.show()
        self.assertIn("OVERCONFIDENT", printed.getvalue())
        self.assertTrue(printed.getvalue().startswith("arrays: 600 rows"))
        narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        result.show(narrow)
        frame = result._repr_html_()
        page = html.unescape(re.search('srcdoc="([^"]*)"', frame)[1])
        self.assertEqual(page, result.render("html"))
        self.assertTrue(page.startswith("<!doctype html>"))
        for word in ("<script", "http:", "https:", "src=", "@import", "url("):
            self.assertNotIn(word, page)
        self.assertIn('sandbox=""', frame)
        self.assertEqual(json.loads(result.render("json"))["fit"], result.fit)
        self.assertTrue(result.render("markdown").strip())

    def test_text_of_changed_arrays_is_refused(self):
        result = logitscope.report(self.z, self.y)
        self.z /= 2
        with self.assertRaisesRegex(logitscope.Error, "not what it was"):
            result.show()
        np.savez("val.npz", logits=self.z, labels=self.y)
        result = logitscope.report("val.npz")
        np.savez("val.npz", logits=self.z[:300], labels=self.y[:300])
        with self.assertRaisesRegex(logitscope.Error, "not what it was"):
            result._repr_html_()

    def test_results_are_dictionaries(self):
        result = logitscope.report(self.z, self.y)
        self.assertEqual(json.loads(json.dumps(result)), result)
        for other in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
            self.assertEqual(other, result)
            self.assertEqual(other.after.ece, result.after.ece)
            self.assertIsNone(other._repr_html_())
            with self.assertRaisesRegex(logitscope.Error, "figures alone"):
                other.show()
        self.assertIn("before", dir(result))
        with self.assertRaisesRegex(AttributeError, "no 'befor'; there are schema, program, source"):
            result.befor

    def test_every_key_is_an_attribute(self):
        def names(figures):
            if isinstance(figures, dict):
                for key, value in figures.items():
                    yield key
                    yield from names(value)
            elif isinstance(figures, list):
                for value in figures:
                    yield from names(value)

        sliced = {"logits": self.z, "labels": self.y, "s": self.y % 2}
        answers = [
            logitscope.report(sliced, slice="s", compare_methods=True, thresholds=True),
            logitscope.doctor(self.z, self.y),
            logitscope.compare([self.z, self.z * 2], self.y),
            logitscope.fit(self.z, self.y),
        ]
        taken = {name for answer in answers for name in names(answer)} & set(dir(dict))
        self.assertEqual(taken, set())

    def test_threads(self):
        temperatures = {}

        def call(seed):
            z, y = simulated(seed=seed)
            got = logitscope.report(z, y, threads=1, bootstrap=0).temperature
            temperatures[seed] = got / best_temperature(z, y)

        threads = [threading.Thread(target=call, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(temperatures), 8)
        for ratio in temperatures.values():
            self.assertAlmostEqual(ratio, 1, delta=1e-6)

    def test_bundled_data(self):
        result = logitscope.report(ROOT / "sample_data" / "digits_overconfident.parquet")
        self.assertAlmostEqual(result.temperature, 4.286807, delta=1e-5)
        self.assertAlmostEqual(result.after.nll, 0.431545, delta=1e-6)
