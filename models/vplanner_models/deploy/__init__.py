"""From a bundle as it was trained to one that is fast on a machine: needs onnx and onnxruntime, but no torch."""
