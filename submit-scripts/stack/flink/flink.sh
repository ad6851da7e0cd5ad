#!/usr/bin/env bash
# The `flink` command for a FLINK_HOME laid out by this stack: the distribution's jars come from a
# source package that carries no scripts.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
conf=${FLINK_CONF_DIR:-$home/conf}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
class_path=
dist=
for jar in "$home"/lib/*.jar; do
  case ${jar##*/} in
    flink-dist*) dist=$jar ;;
    *) class_path+=$jar: ;;
  esac
done
# The list of --add-opens and --add-exports that Flink needs on Java 17 is kept once, in the configuration.
read -r -a java_options < <(sed -n 's/^env\.java\.opts\.all: *//p' "$conf/config.yaml" | tr -d '"')
export FLINK_HOME=$home FLINK_CONF_DIR=$conf FLINK_LIB_DIR=$home/lib FLINK_OPT_DIR=$home/opt FLINK_PLUGINS_DIR=${FLINK_PLUGINS_DIR:-$home/plugins}
exec "$java" ${java_options[@]+"${java_options[@]}"} ${FLINK_ENV_JAVA_OPTS_CLI:-} \
  "-Dlog4j.configurationFile=file:$conf/log4j-cli.properties" "-Dlog.file=${FLINK_LOG_DIR:-$conf/../log}/client.log" \
  -cp "$class_path$dist" org.apache.flink.client.cli.CliFrontend "$@"
