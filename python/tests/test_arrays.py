"""Every kind of array gives the same figures."""

import numpy as np
from support import Case, accuracy, best_temperature, library, nll, simulated, softmax

import logitscope

NAMES = np.array(["ant", "bee", "cat", "dog", "elk"])


class Array:
    """Only `__array__`."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array if dtype is None else self.array.astype(dtype)


class Series:
    """Only `to_numpy`, as data frames have it."""

    def __init__(self, array):
        self.array = array

    def to_numpy(self):
        return self.array


class Capsule:
    """Only the protocol that arrays are exchanged by between libraries."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Tensor:
    """A tensor on a device, with a gradient: an array only after `detach` and `cpu`."""

    def __init__(self, array, dtype="torch.float32", ready=()):
        self.array, self.dtype, self.ready = array, dtype, ready

    def detach(self):
        return Tensor(self.array, self.dtype, ("detached",))

    def cpu(self):
        return Tensor(self.array, self.dtype, (*self.ready, "here"))

    def float(self):
        return Tensor(self.array.astype(np.float32), "torch.float32", self.ready)

    def __array__(self, dtype=None, copy=None):
        if self.ready != ("detached", "here"):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        if "bfloat16" in self.dtype:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array if dtype is None else self.array.astype(dtype)


class Arrays(Case):
    def setUp(self):
        super().setUp()
        self.z, self.y = simulated()
        self.best = best_temperature(self.z, self.y)

    def check(self, logits, labels, dtype="f32", **flags):
        result = logitscope.report(logits, labels, bootstrap=0, **flags)
        self.assertAlmostEqual(result.temperature, self.best, delta=1e-6 * self.best)
        self.assertAlmostEqual(result.before.nll, nll(self.z, self.y), delta=1e-9)
        self.assertEqual(result.before.accuracy, accuracy(self.z, self.y))
        self.assertEqual(result.source.rows_used, len(self.y))
        self.assertEqual(result.source.dtype, dtype)
        return result

    def test_protocols(self):
        for kind in (Array, Series, Capsule, Tensor):
            with self.subTest(kind.__name__):
                self.check(kind(self.z), kind(self.y))

    def test_memory_layouts(self):
        self.check(np.asfortranarray(self.z), self.y)
        self.check(np.repeat(self.z, 2, axis=0)[::2], self.y)
        self.check(self.z.astype(">f4"), self.y.astype(np.int8))
        self.check(self.z.astype(np.float64), self.y.astype(np.uint8), "f64")
        self.check(self.z.astype(np.longdouble), self.y, "f64")

    def test_lists(self):
        self.check(self.z.tolist(), self.y.tolist(), "f64")
        self.check(list(self.z), list(self.y))

    def test_batches_of_different_sizes(self):
        cuts = [250, 500]
        self.check(np.split(self.z, cuts), np.split(self.y, cuts))
        self.check([Tensor(z) for z in np.split(self.z, cuts)], [Tensor(y) for y in np.split(self.y, cuts)])

    def test_half_precision_stays_half(self):
        half = self.z.astype(np.float16)
        result = logitscope.report(half, self.y)
        self.assertEqual(result.source.dtype, "f16")
        self.assertAlmostEqual(result.before.nll, nll(half, self.y), delta=1e-9)

    def test_bfloat16(self):
        # Its numbers are the float32 whose last 16 bits are zero.
        short = (self.z.view(np.uint32) & 0xFFFF0000).view(np.float32)
        result = logitscope.report(Tensor(short, "torch.bfloat16"), self.y)
        self.assertEqual(result.source.dtype, "bf16")
        self.assertAlmostEqual(result.before.nll, nll(short, self.y), delta=1e-9)

    def test_kinds_of_labels(self):
        self.check(self.z, np.eye(5)[self.y])
        self.check(self.z, self.y[:, None])
        self.check(self.z, self.y.astype(object))
        for names in (NAMES[self.y], NAMES[self.y].astype(object), NAMES[self.y].tolist()):
            self.assertEqual(self.check(self.z, names).source.class_names, NAMES.tolist())

    def test_distributions(self):
        soft = softmax(self.z, 3)
        result = logitscope.report(self.z, soft)
        cross_entropy = -(soft * np.log(softmax(self.z))).sum(axis=1).mean()
        self.assertAlmostEqual(result.before.nll, cross_entropy, delta=1e-9)

    def test_two_classes_of_one_score(self):
        scores, truth = self.z[:, 0], (np.random.default_rng(1).random(600) < 0.5).astype(int)
        result = logitscope.report(scores, truth)
        pair = np.stack([np.zeros(600), scores], axis=1)
        self.assertAlmostEqual(result.before.nll, nll(pair, truth), delta=1e-9)

    def test_named_arrays(self):
        parts = {"val_logits": self.z, "val_labels": self.y, "test_logits": self.z[:100], "test_labels": self.y[:100]}
        result = logitscope.report(parts)
        self.assertAlmostEqual(result.temperature, self.best, delta=1e-6 * self.best)
        self.assertAlmostEqual(result.before.nll, nll(self.z[:100], self.y[:100]), delta=1e-9)
        # `file` is what numpy.savez calls its own argument.
        self.check({"logits": self.z, "file": self.y}, None, labels_="file")
        self.check({"logits": self.z, "truth": self.y}, "truth")

    def test_columns_beside_the_logits(self):
        rng = np.random.default_rng(2)
        weight = rng.random(600)
        result = logitscope.report(self.z, self.y, weight=weight, bootstrap=0)
        best = best_temperature(self.z, self.y, weight)
        self.assertAlmostEqual(result.temperature, best, delta=1e-6 * best)
        self.assertAlmostEqual(result.before.nll, nll(self.z, self.y, weight=weight), delta=1e-9)
        mask = (np.arange(600) % 3 > 0).astype(int)
        result = logitscope.report(self.z, self.y, mask=mask)
        self.assertAlmostEqual(result.before.nll, nll(self.z[mask == 1], self.y[mask == 1]), delta=1e-9)
        grouped = logitscope.report(self.z, self.y, group=[row // 10 for row in range(600)], id=np.arange(600) + 7)
        self.assertEqual(grouped.findings[0].get("ids", [7])[0], grouped.findings[0].get("rows", [0])[0] + 7)
        lang = np.where(np.arange(600) % 2, "en", "fr")
        for given in (lang, (np.arange(600) % 2).tolist()):
            sliced = logitscope.report(self.z, self.y, slice=given)
            self.assertEqual(sliced.slices[0].column, "slice")
        chosen = logitscope.report({"logits": self.z, "labels": self.y, "lang": lang}, where="lang = en")
        self.assertAlmostEqual(chosen.before.nll, nll(self.z[1::2], self.y[1::2]), delta=1e-9)

    def test_numpy(self):
        self.check(self.z, self.y, bins=np.int64(15), level=np.float64(0.9), compare_methods=np.bool_(False))

    def test_torch(self):
        torch = library("torch")
        z = torch.tensor(self.z, requires_grad=True)
        self.check(z, torch.tensor(self.y))
        result = logitscope.report(z.bfloat16(), torch.tensor(self.y))
        self.assertAlmostEqual(result.before.nll, nll(z.bfloat16().float().detach().numpy(), self.y), delta=1e-9)

    def test_jax(self):
        jax = library("jax")
        self.check(jax.numpy.asarray(self.z), jax.numpy.asarray(self.y))
        self.assertEqual(logitscope.report(jax.numpy.asarray(self.z, "bfloat16"), self.y).source.dtype, "bf16")

    def test_polars(self):
        polars = library("polars")
        frame = polars.DataFrame({f"logit_{k}": self.z[:, k] for k in range(5)})
        self.check(frame, polars.Series(self.y))
        self.check(frame, polars.Series(NAMES[self.y]))
        self.check(polars.Series(list(self.z)), self.y)
        self.check(frame.with_columns(label=polars.Series(self.y)), None)
        self.check(frame.with_columns(truth=polars.Series(self.y)), "truth")

    def test_pandas(self):
        pandas = library("pandas")
        frame = pandas.DataFrame(self.z, columns=[f"logit_{k}" for k in range(5)])
        self.check(frame, pandas.Series(self.y))
        self.check(frame, pandas.Series(self.y, dtype="Int64"))
        self.check(frame, pandas.Series(NAMES[self.y], dtype="category"))
        whole = logitscope.report(frame.assign(label=self.y))
        self.assertAlmostEqual(whole.temperature, self.best, delta=1e-6 * self.best)

    def test_a_table_that_can_only_be_written_as_text(self):
        class Frame:
            columns = ("logit_0", "label")

            def to_parquet(self, path, index):
                raise ImportError("no engine")

            def to_csv(self, path, index):
                with open(path, "w") as file:
                    file.write("logit_0,logit_1,label\n" + "1.5,0,0\n0,2,1\n0,1,0\n" * 20)

        self.assertEqual(logitscope.report(Frame()).source.rows_used, 60)
