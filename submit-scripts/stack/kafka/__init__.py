"""The Kafka broker."""
