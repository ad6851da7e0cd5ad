#!/usr/bin/env bash
# Runs the peer of person-clustering:recluster; the first call makes its virtual environment in the cache.
#   benchmarks/peers/run.sh --help
set -euo pipefail

here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
version="$(sha256sum "$here/requirements.txt" | cut -c1-12)"
cache="${AIMA_HOME:-$HOME/.cache/aima}/cache/peers"
environment="$cache/recluster-$version"

mkdir -p "$cache"
(
    flock 9
    # The mark is written last: an environment without it is half a one, and is made again.
    if [ ! -e "$environment/.complete" ]; then
        echo "making $environment (about 310 MB, half a minute)" >&2
        python3 -m venv --clear "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
            --only-binary=:all: --requirement "$here/requirements.txt" >&2
        touch "$environment/.complete"
    fi
) 9>"$cache/.lock"

exec "$environment/bin/python" "$here/recluster_peer.py" "$@"
