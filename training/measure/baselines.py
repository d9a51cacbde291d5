"""What can be had without a network: KNN, SVM and softmax regression on pixels and on PCA.

All learn from the train split and are measured on the validation split; nothing is chosen by
either. Softmax regression is fitted by L-BFGS here; by gradient descent it is the architecture
`softmax_regression`. The SVM has an RBF kernel and learns from a random part of the pictures,
since its kernel matrix grows with their square.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from ..data.dataset import Pictures
from .evaluate import share

NEIGHBOURS = 169
"""Of KNN, as in Sharma's tutorial, which states 30.08 %."""

COMPONENTS = 250
"""Of PCA, said there to be enough."""

CURVE = (10, 25, 50, 100, 150, 250, 400)
"""Numbers of components at which accuracy is measured."""

SVM_PICTURES = 10_000
"""How many pictures the SVM learns from at most: its kernel matrix takes 8 bytes a pair."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Training and validation pictures as vectors: (n, d) float32, and their (n,) labels."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    def on(self, pca: PCA, components: int) -> Vectors:
        """The first `components` principal components instead."""
        return Vectors(
            pca.transform(self.train)[:, :components],
            self.train_labels,
            pca.transform(self.test)[:, :components],
            self.test_labels,
        )


def vectors(data: Pictures) -> Vectors:
    """Grey pictures as vectors of 2,304 numbers 0..1."""
    train, test = data.split("train"), data.split("validation")

    def flat(pictures: Pictures) -> np.ndarray:
        return pictures.images.reshape(len(pictures), -1).astype(np.float32) / 255

    return Vectors(flat(train), train.labels, flat(test), test.labels)


def fit_pca(train: np.ndarray, components: int) -> PCA:
    """Principal components of (n, d) vectors, exactly, by whichever way takes less time."""
    many = train.shape[0] > train.shape[1]
    return PCA(components, svd_solver="covariance_eigh" if many else "full").fit(train)


def knn(given: Vectors, neighbours: int) -> np.ndarray:
    """Predicted labels of the test vectors: most votes among the nearest by Euclidean distance."""
    fitted = KNeighborsClassifier(min(neighbours, len(given.train)), algorithm="brute")
    return fitted.fit(given.train, given.train_labels).predict(given.test)


def softmax(given: Vectors) -> np.ndarray:
    """Predicted labels of the test vectors: softmax regression, L2 penalty of C = 1, at most 200
    steps of L-BFGS."""
    fitted = LogisticRegression(max_iter=200)
    # That 200 steps may not be the end is said above.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(given.train, given.train_labels)
    return fitted.predict(given.test)


def svm(given: Vectors, seed: int) -> np.ndarray:
    """Predicted labels of the test vectors: SVM with an RBF kernel, C = 10, gamma one over
    (dimensions x variance), fitted on at most `SVM_PICTURES` vectors drawn by `seed`."""
    rows = np.random.default_rng(seed).permutation(len(given.train))[:SVM_PICTURES]
    train, labels = given.train[rows], given.train_labels[rows]
    gamma = 1 / (train.shape[1] * train.var())

    # The kernel is computed here, by matrix multiplication; libsvm's own takes far longer.
    def kernel(one: np.ndarray) -> np.ndarray:
        return np.exp(-gamma * euclidean_distances(one, train, squared=True))

    fitted = SVC(C=10, kernel="precomputed", cache_size=500).fit(kernel(train), labels)
    return fitted.predict(kernel(given.test))


def compare(data: Pictures, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Fit and measure every method.

    Args:
        data: pictures with a train and a validation split.
        seed: of the pictures that the SVM learns from.

    Yields:
        A row as soon as it is known: {method, on, pictures (learned from), n, accuracy, interval,
        seconds (of fitting and predicting)}. Then, for `CURVE`, {components, explained (share of
        the variance, 0..1), knn, softmax (accuracies)}.
    """
    pixels = vectors(data)
    began = time.monotonic()
    most = min(*pixels.train.shape, max(*CURVE, COMPONENTS))
    pca = fit_pca(pixels.train, most)
    components = min(COMPONENTS, most)
    reduced = pixels.on(pca, components)
    pca_seconds = time.monotonic() - began
    fewer = min(SVM_PICTURES, len(pixels.train))
    methods: list[tuple[str, int, Callable[[Vectors], np.ndarray]]] = [
        (f"KNN, k = {NEIGHBOURS}", len(pixels.train), lambda v: knn(v, NEIGHBOURS)),
        ("KNN, k = 1", len(pixels.train), lambda v: knn(v, 1)),
        ("softmax regression", len(pixels.train), softmax),
        ("SVM, RBF kernel", fewer, lambda v: svm(v, seed)),
    ]
    for on, given in (("pixels", pixels), (f"PCA, {components} components", reduced)):
        for method, pictures, predict in methods:
            began = time.monotonic()
            right = int((predict(given) == given.test_labels).sum())
            yield {
                "method": method,
                "on": on,
                "pictures": pictures,
                **share(right, len(given.test)),
                "seconds": round(time.monotonic() - began, 1),
            }
    yield {"method": "PCA itself", "seconds": round(pca_seconds, 1)}
    explained = np.cumsum(pca.explained_variance_ratio_)
    for count in (number for number in CURVE if number <= most):
        some = pixels.on(pca, count)
        yield {
            "components": count,
            "explained": float(explained[count - 1]),
            "knn": float((knn(some, NEIGHBOURS) == some.test_labels).mean()),
            "softmax": float((softmax(some) == some.test_labels).mean()),
        }


def as_line(row: dict[str, Any]) -> str:
    """A row of `compare`, for people."""
    if "components" in row:
        return (
            f"{row['components']:>5} components  {row['explained']:6.1%} of the variance   "
            f"KNN {row['knn']:.2%}   softmax {row['softmax']:.2%}"
        )
    if "accuracy" not in row:
        return f"{row['method']:<20} {'':<22} {'':>41} {row['seconds']:>7.1f} s\n"
    low, high = row["interval"]
    return (
        f"{row['method']:<20} {row['on']:<22} {row['pictures']:>7,} pictures "
        f"{row['accuracy']:8.2%}  ({low:.2%} to {high:.2%}) {row['seconds']:>7.1f} s"
    )
