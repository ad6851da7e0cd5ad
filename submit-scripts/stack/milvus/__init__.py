"""The Milvus standalone server."""
