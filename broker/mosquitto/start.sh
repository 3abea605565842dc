#!/bin/sh
# Starts the broker with the mosquitto.conf in the current directory: start.sh [PROGRAM]
#
# At SIGHUP, Mosquitto 2.0 reads its configuration again and resets max_qos, and after 2.0.11 max_connections, of each listener
# (config__read_file_core in src/conf.c: `listener` sets the defaults, and both options are skipped). If it cannot open the
# file, it keeps all settings, and nevertheless reads passwords, ACL and certificates again. So it gets a copy, which is
# removed after it was read. At each SIGHUP the log then has the line "Unable to open config file running.conf".
set -eu

config=running.conf
# Mosquitto does not start with two lines pid_file, so the operator's own one is used.
pid_file=$(cat mosquitto.conf conf.d/*.conf 2>/dev/null | sed -n 's/^ *pid_file  *\(.*[^[:space:]]\).*/\1/p' | head -n 1)
added=''
if [ -z "$pid_file" ]; then
  pid_file=running.pid
  added="pid_file $pid_file"
fi

# flutter_logs apps, which legacy.conf allows, may have QoS 2.
read_config() {
  if [ -f conf.d/legacy.conf ]; then sed '/^# start\.sh leaves out the next line/{n;d;}' mosquitto.conf; else cat mosquitto.conf; fi
}

# Mosquitto before 2.0.16 never frees the will of a client that it refuses.
has_public_listener() {
  cat mosquitto.conf conf.d/*.conf 2>/dev/null |
    awk '$1 == "listener" && $2 != 0 && $3 !~ /^(127\.|::1$|localhost$)/ { found = 1 } END { exit !found }'
}
version=$("${1:-mosquitto}" -h 2>/dev/null | sed -n 's/^mosquitto version \([0-9.]*\).*/\1/p')
case $version in
2.0.[0-9] | 2.0.1[0-5])
  if has_public_listener; then
    echo "Warning: Mosquitto $version is not safe on public listeners: anyone can fill its memory without a key. Use 2.0.16 or later, see docs/operate/broker.md." >&2
  fi
  ;;
esac

# Those of a broker that was killed.
rm -f "$pid_file" $config
{ read_config; printf '\n%s\n' "$added"; } >$config
# Mosquitto writes its process id, which is that of this shell, after it has read the configuration. The second shell ends at
# once, so that the first one does not become a child of Mosquitto, which does not wait for children: except as process 1 of a
# container, where one ended process remains.
(
  (
    while [ ! -s "$pid_file" ] && kill -0 $$ 2>/dev/null; do sleep 0.1; done
    rm -f $config
  ) &
)
exec "${1:-mosquitto}" -c $config
