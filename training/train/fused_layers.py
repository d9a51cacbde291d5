"""Batch norm and dropout that train faster with TensorFlow on a CPU (EXPERIMENTS.md).

Keras 3 writes batch norm as some ten element-wise operations in float32, and draws dropout's
random numbers in the precision of the activations, which is slow in bf16. TensorFlow's fused
kernel computes the same batch norm; dropout here draws 16 bits an activation, four from one
random number. Both stand in for the stock layers while training alone: what is saved is those.
"""

from __future__ import annotations

import keras


def with_faster_layers(model: keras.Model) -> keras.Model:
    """A copy of `model`, same weights, with faster batch norms and dropouts; `model` itself on
    backends other than TensorFlow."""
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
            # Signed, -32768..32767: of what TensorFlow compares, the fastest.
            bits = tf.reshape(tf.bitcast(drawn, tf.int16), [-1])[:count]
            kept = tf.reshape(bits, tf.shape(inputs)) >= round(self.rate * 65536) - 32768
            scale = tf.cast(1 / (1 - self.rate), inputs.dtype)
            return inputs * (tf.cast(kept, inputs.dtype) * scale)

    def replace(layer):
        config = layer.get_config()
        if type(layer) is keras.layers.Dropout and layer.noise_shape is None:
            return BitDropout.from_config(config)
        # The fused kernel wants pictures, both factors, and channels last.
        stock = type(layer) is keras.layers.BatchNormalization and len(layer.output.shape) == 4
        if stock and layer.scale and layer.center and layer.axis in (-1, 3, [3]):
            return FusedBatchNormalization.from_config(config)
        return layer.__class__.from_config(config)

    copy = keras.models.clone_model(model, clone_function=replace)
    copy.set_weights(model.get_weights())
    return copy
