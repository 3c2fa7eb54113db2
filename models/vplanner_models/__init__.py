"""Networks of vplanner: training, evaluation and export. The runtime needs only the exported ONNX bundles."""
