"""MongoDB's own engine behind a loopback port."""
