"""Batch norm as one fused operation while training with TensorFlow on a CPU.

Keras 3 writes batch norm as some ten element-wise operations in float32; without them a training
step of mien_plain is 1.2 to 1.3 times faster (EXPERIMENTS.md). TensorFlow's fused kernel computes
the same. It is used for
training alone: what is saved is the stock layer with the same weights.
"""

from __future__ import annotations

import keras


def with_fused_batch_norm(model: keras.Model) -> keras.Model:
    """A copy of `model`, same weights, whose batch norms are fused; `model` itself on backends
    other than TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        return model
    import tensorflow as tf

    class FusedBatchNormalization(keras.layers.BatchNormalization):
        def call(self, inputs, training=None, mask=None):
            if not training or not self.trainable:
                return super().call(inputs, training=training, mask=mask)
            outputs, mean, variance, *_ = tf.compat.v1.nn.fused_batch_norm(
                inputs,
                tf.cast(self.gamma, "float32"),
                tf.cast(self.beta, "float32"),
                epsilon=self.epsilon,
                is_training=True,
            )
            keep = self.momentum
            self.moving_mean.assign(self.moving_mean * keep + mean * (1 - keep))
            self.moving_variance.assign(self.moving_variance * keep + variance * (1 - keep))
            return outputs

    def replace(layer):
        stock = type(layer) is keras.layers.BatchNormalization
        # The fused kernel wants both factors and channels last.
        if stock and layer.scale and layer.center and layer.axis in (-1, 3, [3]):
            return FusedBatchNormalization.from_config(layer.get_config())
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=replace)
    copy.set_weights(model.get_weights())
    return copy
