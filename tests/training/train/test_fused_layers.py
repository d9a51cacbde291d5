"""The fused layers train like Keras's own."""

import keras
import numpy as np
import pytest

from training.train.fused_layers import with_fused_layers


def test_fused_batch_norm_trains_like_kerass_layer():
    keras.utils.set_random_seed(1)
    stock = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(16, 3, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    fused = with_fused_layers(stock)
    assert type(fused.layers[1]) is not keras.layers.BatchNormalization
    random = np.random.default_rng(2)
    x = random.normal(1, 3, (64, 8, 8, 3)).astype(np.float32)
    y = random.normal(0, 1, (64, 2)).astype(np.float32)
    for model in (stock, fused):
        model.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=False)
        model.fit(x, y, batch_size=64, epochs=3, verbose=0, shuffle=False)
    for one, other in zip(stock.get_weights(), fused.get_weights(), strict=True):
        # The fused kernel uses the sample variance (n - 1), Keras's layer that of n.
        assert np.allclose(one, other, rtol=2e-3, atol=1e-4)
    assert np.allclose(stock.predict_on_batch(x), fused.predict_on_batch(x), atol=1e-3)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_bit_dropout_has_the_rate_and_keeps_the_mean(precision):
    keras.mixed_precision.set_dtype_policy(precision)
    stock = keras.Sequential([keras.Input((50, 41)), keras.layers.Dropout(0.3, seed=4)])
    keras.mixed_precision.set_dtype_policy("float32")
    fast = with_fused_layers(stock).layers[0]
    assert type(fast) is not keras.layers.Dropout
    ones = np.ones((100, 50, 41), np.float32)
    first, second = (np.asarray(fast(ones, training=True), np.float32) for _ in range(2))
    for drawn in (first, second):
        assert set(np.unique(drawn).round(2)) == {0, np.float32(1.43)}
        assert (drawn == 0).mean() == pytest.approx(0.3, abs=0.005)
        # Check each column: the four numbers of one draw are independent.
        assert (drawn == 0).mean(axis=(0, 1)) == pytest.approx(np.full(41, 0.3), abs=0.03)
    both = ((first == 0) & (second == 0)).mean()
    assert both == pytest.approx(0.09, abs=0.005)
    neighbours = ((first[..., 1:] == 0) & (first[..., :-1] == 0)).mean()
    assert neighbours == pytest.approx(0.09, abs=0.005)
    assert np.array_equal(np.asarray(fast(ones, training=False), np.float32), ones)
