"""The Flink session cluster."""
