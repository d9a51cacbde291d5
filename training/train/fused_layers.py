"""Faster batch norm and dropout for training with TensorFlow on a CPU (EXPERIMENTS.md).

Keras 3 computes batch norm with about ten element-wise operations in float32, and draws dropout's
random numbers in the precision of the activations, which is slow in bf16. Here, TensorFlow's fused
kernel computes the batch norm, and dropout draws 16 random bits per activation, four activations
from one 64-bit random number. Both layers are used for training only; the saved model has Keras's
own layers.
"""

from __future__ import annotations

import keras


def with_fused_layers(model: keras.Model) -> keras.Model:
    """A copy of `model` with the same weights and faster batch norm and dropout layers; `model`
    itself on backends other than TensorFlow."""
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

    class BitDropout(keras.layers.Dropout):
        def call(self, inputs, training=False):
            if not training or self.rate == 0:
                return inputs
            count = tf.size(inputs)
            seed = tf.cast(self.seed_generator.next(), tf.int32)
            drawn = tf.random.stateless_uniform(
                ((count + 3) // 4,), seed, minval=None, maxval=None, dtype=tf.int64, alg="philox"
            )
            # Signed 16-bit integers, -32768..32767: TensorFlow compares them fastest.
            bits = tf.reshape(tf.bitcast(drawn, tf.int16), [-1])[:count]
            kept = tf.reshape(bits, tf.shape(inputs)) >= round(self.rate * 65536) - 32768
            scale = tf.cast(1 / (1 - self.rate), inputs.dtype)
            return inputs * (tf.cast(kept, inputs.dtype) * scale)

    def replace(layer):
        config = layer.get_config()
        if type(layer) is keras.layers.Dropout and layer.noise_shape is None:
            return BitDropout.from_config(config)
        # The fused kernel needs 4-D inputs, scale and offset, and channels last.
        supported = type(layer) is keras.layers.BatchNormalization and len(layer.output.shape) == 4
        if supported and layer.scale and layer.center and layer.axis in (-1, 3, [3]):
            return FusedBatchNormalization.from_config(config)
        return layer.__class__.from_config(config)

    copy = keras.models.clone_model(model, clone_function=replace)
    copy.set_weights(model.get_weights())
    return copy
