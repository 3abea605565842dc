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
