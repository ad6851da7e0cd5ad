#!/usr/bin/env bash
# Verbs that the scripts share. Source it; it sets nothing but functions and AIMA_ROOT.

AIMA_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export AIMA_ROOT

say() { printf '%s\n' "$*" >&2; }

fail() {
    local code="$1"
    shift
    say "$*"
    exit "$code"
}

# Names every missing tool at once, with the command that installs it.
require_tools() {
    local missing=()
    command -v python3 >/dev/null || missing+=("python3: apt-get install python3")
    command -v java >/dev/null || missing+=("JDK 17: apt-get install openjdk-17-jdk")
    command -v mvn >/dev/null || missing+=("Maven: apt-get install maven")
    if [ "${#missing[@]}" -gt 0 ]; then
        fail 2 "missing on this machine:$(printf '\n  %s' "${missing[@]}")"
    fi
}

stack() { python3 "$AIMA_ROOT/submit-scripts/stack" "$@"; }

# True when a source is newer than what was built from it, or nothing was built. AIMA_NO_BUILD=1 takes
# what was built as it is: tests inside a Maven build must not start another one in the same directories.
needs_build() {
    local built="$AIMA_ROOT/target/.built"
    [ -d "$AIMA_ROOT/jobs/operate/target/lib" ] || return 0
    [ "${AIMA_NO_BUILD:-}" != 1 ] || return 1
    local job
    for job in person-clustering embedding-backfill archival-compaction dossier-aggregation; do
        [ -f "$AIMA_ROOT/$job/target/$job.jar" ] || return 0
    done
    [ -f "$built" ] || return 0
    [ -n "$(find "$AIMA_ROOT/pom.xml" "$AIMA_ROOT/jobs" "$AIMA_ROOT/person-clustering" "$AIMA_ROOT/embedding-backfill" \
        "$AIMA_ROOT/archival-compaction" "$AIMA_ROOT/dossier-aggregation" "$AIMA_ROOT/conf" \
        \( -name target -o -name test \) -prune -o -type f -newer "$built" -print -quit)" ]
}

build_if_needed() {
    needs_build || return 0
    require_tools
    say "building (about two minutes the first time)"
    local log="$AIMA_ROOT/target/build.log"
    mkdir -p "$AIMA_ROOT/target"
    if ! (cd "$AIMA_ROOT" && mvn -q -B -Dmaven.test.skip=true -Dspotless.check.skip=true package) >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail 1 "the build failed; whole log: $log"
    fi
    touch "$AIMA_ROOT/target/.built"
}

# Takes over what the stack offers; what is set already stays.
take_stack_environment() {
    local environment
    environment="$(stack env)" || return $?
    eval "$environment"
}

exec_java() {
    local operate="$AIMA_ROOT/jobs/operate/target"
    java -Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=4 -Djava.awt.headless=true \
        "-Dlog4j2.configurationFile=$AIMA_ROOT/conf/log4j2-cli.properties" \
        -cp "$operate/classes:$operate/lib/*" org.aima.operate.Aima "$@"
}
