"""What goes wrong ends in numpy's own exceptions."""

import pickle

import numpy as np


class Stubborn:
    def __add__(self, other):
        raise RuntimeError("no sums with me")


def attempt(what, function):
    try:
        print(what, function())
    except Exception as error:
        print(what, type(error).__name__, str(error).splitlines()[0][:100])


attempt("shapes", lambda: np.ones((2, 3)) @ np.ones((2, 3)))
attempt("broadcast", lambda: np.ones(3) + np.ones(4))
attempt("index", lambda: np.zeros(3)[5])
attempt("reshape", lambda: np.arange(6).reshape(4, 2))
attempt("objects", lambda: np.array([Stubborn(), Stubborn()], dtype=object).sum())
attempt("overflow", lambda: np.uint8(300))
attempt("text", lambda: np.array(["1", "x"]).astype(float))
attempt("fields", lambda: np.zeros(1, dtype=[("a", "f8")])["b"])
attempt("frozen", lambda: np.frombuffer(b"12345678").sort())
attempt("singular", lambda: np.linalg.cholesky(-np.eye(2)))
attempt("no length", lambda: np.fft.fft([]))
attempt("pickle", lambda: np.array_equal(pickle.loads(pickle.dumps(np.arange(5.0))), np.arange(5.0)))
attempt("seeds", lambda: np.array_equal(np.random.default_rng(3).random(9), np.random.default_rng(3).random(9)))
np.random.seed(42)
attempt("old generator", lambda: np.random.randint(0, 1000, 5).tolist())
attempt("its floats", lambda: np.random.random(3).tolist())
attempt("new generator", lambda: np.random.default_rng(42).integers(0, 1000, 5).tolist())
attempt("permutation", lambda: np.random.Generator(np.random.PCG64(5)).permutation(8).tolist())
attempt("unique", lambda: [part.tolist() for part in np.unique(["b", "a", "b"], return_counts=True)])
attempt("einsum", lambda: np.einsum("ij,jk->ik", np.arange(4).reshape(2, 2), np.eye(2, dtype=int)).tolist())
