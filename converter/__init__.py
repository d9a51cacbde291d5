"""Turns a trained Keras model into a TF.js bundle and proves that the two predict alike."""
