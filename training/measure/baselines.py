"""Baselines without a neural network: KNN, SVM and softmax regression on pixels and on PCA.

All are fitted on the train split and measured on the validation split; no hyperparameter is chosen
by either. Softmax regression is fitted by L-BFGS here (the architecture `softmax_regression` uses
gradient descent). The SVM has an RBF kernel and is fitted on a random subset of the images, since
its kernel matrix grows with their square.
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

from ..data.dataset import Dataset
from .metrics import accuracy_of

NEIGHBOURS = 169
"""k of KNN in Sharma's tutorial, which states an accuracy of 30.08 %."""

COMPONENTS = 250
"""Number of principal components that the tutorial uses."""

CURVE = (10, 25, 50, 100, 150, 250, 400)
"""Numbers of components for which accuracy is measured."""

SVM_IMAGES = 10_000
"""Maximum number of images for the SVM; its kernel matrix takes 8 bytes per pair."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Training and validation images as vectors (n, d) float32, with their labels (n,)."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    def on(self, pca: PCA, components: int) -> Vectors:
        """Project the vectors on the first `components` principal components."""
        return Vectors(
            pca.transform(self.train)[:, :components],
            self.train_labels,
            pca.transform(self.test)[:, :components],
            self.test_labels,
        )


def vectors(data: Dataset) -> Vectors:
    """Grey images as vectors of 2,304 numbers 0..1."""
    train, test = data.split("train"), data.split("validation")

    def flat(split: Dataset) -> np.ndarray:
        return split.images.reshape(len(split), -1).astype(np.float32) / 255

    return Vectors(flat(train), train.labels, flat(test), test.labels)


def fit_pca(train: np.ndarray, components: int) -> PCA:
    """Fit an exact PCA to (n, d) vectors with the faster solver for their shape."""
    many = train.shape[0] > train.shape[1]
    return PCA(components, svd_solver="covariance_eigh" if many else "full").fit(train)


def knn(given: Vectors, neighbours: int) -> np.ndarray:
    """Predict the test vectors by majority vote of the nearest neighbours (Euclidean distance)."""
    fitted = KNeighborsClassifier(min(neighbours, len(given.train)), algorithm="brute")
    return fitted.fit(given.train, given.train_labels).predict(given.test)


def softmax(given: Vectors) -> np.ndarray:
    """Predict the test vectors by softmax regression (L2 penalty C = 1, at most 200 steps)."""
    fitted = LogisticRegression(max_iter=200)
    # It need not converge in 200 steps.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(given.train, given.train_labels)
    return fitted.predict(given.test)


def svm(given: Vectors, seed: int) -> np.ndarray:
    """Predict the test vectors with an SVM.

    RBF kernel, C = 10, gamma = 1 / (dimensions x variance), fitted on at most `SVM_IMAGES` vectors
    that are drawn at random with `seed`.
    """
    rows = np.random.default_rng(seed).permutation(len(given.train))[:SVM_IMAGES]
    train, labels = given.train[rows], given.train_labels[rows]
    gamma = 1 / (train.shape[1] * train.var())

    # Computing the kernel by matrix multiplication is much faster than libsvm's own kernel.
    def kernel(one: np.ndarray) -> np.ndarray:
        return np.exp(-gamma * euclidean_distances(one, train, squared=True))

    fitted = SVC(C=10, kernel="precomputed", cache_size=500).fit(kernel(train), labels)
    return fitted.predict(kernel(given.test))


def compare(data: Dataset, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Fit and measure every method.

    Args:
        data: images with a train and a validation split.
        seed: seed of the choice of images for the SVM.

    Yields:
        A row for each method as soon as it is measured: {method, on ("pixels" or "PCA, ..."),
        pictures (number of training images), n, accuracy, interval, seconds (fitting and
        predicting)}. Then a row for each number in `CURVE`: {components, explained (fraction of
        the variance, 0..1), knn, softmax (accuracies)}.
    """
    pixels = vectors(data)
    began = time.monotonic()
    most = min(*pixels.train.shape, max(*CURVE, COMPONENTS))
    pca = fit_pca(pixels.train, most)
    components = min(COMPONENTS, most)
    reduced = pixels.on(pca, components)
    pca_seconds = time.monotonic() - began
    fewer = min(SVM_IMAGES, len(pixels.train))
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
                **accuracy_of(right, len(given.test)),
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


def format_row(row: dict[str, Any]) -> str:
    """Format a row of `compare` as text."""
    if "components" in row:
        return (
            f"{row['components']:>5} components  {row['explained']:6.1%} of the variance   "
            f"KNN {row['knn']:.2%}   softmax {row['softmax']:.2%}"
        )
    if "accuracy" not in row:
        return f"{row['method']:<20} {'':<22} {'':>41} {row['seconds']:>7.1f} s\n"
    low, high = row["interval"]
    return (
        f"{row['method']:<20} {row['on']:<22} {row['pictures']:>7,} images   "
        f"{row['accuracy']:8.2%}  ({low:.2%} to {high:.2%}) {row['seconds']:>7.1f} s"
    )
