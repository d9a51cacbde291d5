"""Convert trained Keras models to TF.js bundles and verify that both predict the same."""
