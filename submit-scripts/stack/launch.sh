#!/bin/sh
# Writes its own identity (pid, start time, boot) to FILE and becomes COMMAND, so that no server
# can run without being recorded, whatever kills the command that starts it.
# Usage: launch.sh FILE COMMAND [ARGUMENT ...]
set -eu
record=$1
shift
ticks=$(cut -d ' ' -f 22 "/proc/$$/stat")
boot=$(cat /proc/sys/kernel/random/boot_id)
printf '{"pid": %s, "start_ticks": %s, "boot": "%s"}\n' "$$" "$ticks" "$boot" >"$record.new"
mv "$record.new" "$record"
exec "$@"
