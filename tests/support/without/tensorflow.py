"""On the path of a served process this hides TensorFlow, which is not installed where the site
is deployed, and which Keras would import though it runs on OpenVINO."""

raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")
