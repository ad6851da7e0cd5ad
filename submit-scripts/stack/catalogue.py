"""The services of the stack, in the order people see them."""

from __future__ import annotations

from flink.cluster import Flink
from kafka.server import Kafka
from milvus.server import Milvus
from mongo.server import Mongo
from redis.server import Redis
from s3.server import S3
from service import Service

STORES: list[Service] = [Mongo(), Milvus(), S3(), Kafka(), Redis()]

SERVICES: list[Service] = [*STORES, Flink(STORES)]
