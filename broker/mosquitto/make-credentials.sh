#!/bin/sh
# Creates the broker's certificates: a private CA, a server certificate, and client certificates on request.
# Safe to run again: valid files are not changed. Requires openssl 1.1.1 or later. Not interactive.
set -euf # -f: the name of a certificate may have a `*`
umask 077

CA_DAYS=3650
SERVER_DAYS=397 # the longest validity that browsers accept
CLIENT_DAYS=397
RENEW_BEFORE_SECONDS=2592000 # 30 days

usage() {
  cat <<'USAGE'
usage: make-credentials.sh [--dir DIR] [--renew] [--only] [--client NAME]... [--owner USER] [NAME|ADDRESS]...
       make-credentials.sh --check [--dir DIR]

Writes ca.crt, ca.key, server.crt and server.key to DIR. The server certificate is valid for localhost, 127.0.0.1,
::1, each NAME or ADDRESS given, and the names of the present server certificate. It is replaced if it expires within 30
days or lacks one of the names, or with --renew. The CA is not replaced, so clients that trust it continue to work.

  --dir DIR      directory of the files (default: certs)
  --renew        replace the server certificate, signed by the same CA
  --only         leave out the names of the present server certificate that are not given again
  --client NAME  also create client-NAME.crt and client-NAME.key (for `require_certificate true`)
  --check        create nothing; print when each certificate expires, and fail if one expires within 30 days
  --owner USER   change the owner of the files to USER, the broker's user (requires root)

Exit status: 0 on success, 1 if --check finds a certificate that expires within 30 days or if openssl fails, 2 for
invalid arguments, a missing openssl, or --check without a server certificate.
USAGE
}

fail() {
  echo "make-credentials.sh: $1" >&2
  exit 2
}

dir=certs renew=no only=no check=no clients='' owner='' names='localhost 127.0.0.1 ::1'
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --dir | --client | --owner)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --dir) dir=$2 ;;
        --client) clients="$clients $2" ;;
        --owner) owner=$2 ;;
      esac
      shift 2 ;;
    --renew) renew=yes; shift ;;
    --only) only=yes; shift ;;
    --check) check=yes; shift ;;
    -*) fail "unknown option $1 (see --help)" ;;
    *) names="$names $1"; shift ;;
  esac
done
for name in $names $clients; do
  case $name in *[!A-Za-z0-9.:*_-]*) fail "not a valid name or address: $name" ;; esac
done
is_fresh() { openssl x509 -in "$1" -noout -checkend $RENEW_BEFORE_SECONDS >/dev/null 2>&1; }

command -v openssl >/dev/null || fail "openssl is missing; install it (Debian: apt-get install openssl)"

# Includes the CA: replacing it requires an update of every client that trusts it.
if [ $check = yes ]; then
  [ -f "$dir/server.crt" ] || fail "$dir/server.crt does not exist"
  expiring=0
  set +f
  for file in "$dir"/*.crt; do
    ends=$(openssl x509 -in "$file" -noout -enddate | cut -d= -f2)
    if is_fresh "$file"; then echo "$file: valid until $ends"; continue; fi
    echo "$file: EXPIRES $ends" >&2
    expiring=1
  done
  exit $expiring
fi

mkdir -p "$dir"
work=$(mktemp -d "$dir/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT

is_address() {
  case $1 in *:*) return 0 ;; *[!0-9.]*) return 1 ;; *.*.*.*) return 0 ;; *) return 1 ;; esac
}

# Random, so that two runs within a second do not issue the same serial number.
serial() { echo "0x$(openssl rand -hex 15)"; }

run() {
  "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
}

make_key() { run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

make_ca() {
  cat >"$work/ca.cnf" <<'CNF'
[req]
distinguished_name = dn
x509_extensions = ca
prompt = no
[dn]
CN = edgelog private CA
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CNF
  make_key "$work/ca.key"
  run openssl req -x509 -new -sha256 -config "$work/ca.cnf" -key "$work/ca.key" -days $CA_DAYS \
    -set_serial "$(serial)" -out "$work/ca.crt"
  mv "$work/ca.key" "$dir/ca.key"
  mv "$work/ca.crt" "$dir/ca.crt"
  echo "new CA, valid for $CA_DAYS days: $dir/ca.crt"
}

# sign FILE COMMON_NAME DAYS: creates a key and a certificate signed by the CA, with the extensions in $work/extensions.
sign() {
  printf '[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = %s\n' "$2" >"$work/request.cnf"
  make_key "$work/$1.key"
  run openssl req -new -sha256 -config "$work/request.cnf" -key "$work/$1.key" -out "$work/$1.csr"
  run openssl x509 -req -sha256 -in "$work/$1.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -set_serial "$(serial)" \
    -days "$3" -extfile "$work/extensions" -out "$work/$1.crt"
  mv "$work/$1.key" "$dir/$1.key"
  mv "$work/$1.crt" "$dir/$1.crt"
}

# extensions PURPOSE [SUBJECT_ALT_NAME]: writes $work/extensions.
extensions() {
  {
    echo 'basicConstraints = critical, CA:FALSE'
    echo 'keyUsage = critical, digitalSignature'
    echo "extendedKeyUsage = $1"
    echo 'subjectKeyIdentifier = hash'
    echo 'authorityKeyIdentifier = keyid'
    if [ $# -gt 1 ]; then echo "subjectAltName = $2"; fi
  } >"$work/extensions"
}

# -checkhost and -checkip print the result and always exit with 0.
has_name() {
  if is_address "$2"; then check=-checkip; else check=-checkhost; fi
  openssl x509 -in "$1" -noout $check "$2" | grep -q 'does match'
}

# The names and addresses of the present server certificate.
present_names() {
  openssl x509 -in "$dir/server.crt" -noout -ext subjectAltName 2>/dev/null | tr ',' '\n' |
    sed -n -e 's/^ *DNS://p' -e 's/^ *IP Address://p' | sort -u
}

# A run from a timer gives no names, so those of the present certificate are used as well.
if [ $only = no ] && [ -f "$dir/server.crt" ]; then
  given=$names
  names=$(present_names | tr '\n' ' ')
  for name in $given; do has_name "$dir/server.crt" "$name" || names="$names $name"; done
fi

is_server_valid() {
  [ -f "$dir/server.key" ] && is_fresh "$dir/server.crt" || return 1
  openssl verify -CAfile "$dir/ca.crt" "$dir/server.crt" >/dev/null 2>&1 || return 1
  for name in $names; do has_name "$dir/server.crt" "$name" || return 1; done
}

if [ ! -f "$dir/ca.key" ] || [ ! -f "$dir/ca.crt" ]; then make_ca; fi

if [ $renew = yes ] || ! is_server_valid; then
  alternatives=''
  for name in $names; do
    if is_address "$name"; then kind=IP; else kind=DNS; fi
    alternatives="$alternatives${alternatives:+,}$kind:$name"
  done
  extensions serverAuth "$alternatives"
  sign server 'edgelog broker' $SERVER_DAYS
  echo "new server certificate, valid for $SERVER_DAYS days: $dir/server.crt ($alternatives)"
fi

for client in $clients; do
  if [ -f "$dir/client-$client.key" ] && is_fresh "$dir/client-$client.crt"; then continue; fi
  extensions clientAuth
  sign "client-$client" "$client" $CLIENT_DAYS
  echo "new client certificate, valid for $CLIENT_DAYS days: $dir/client-$client.crt"
done

set +f
# Certificates are public. Keys are readable by their owner only, even if an earlier run had another umask.
chmod 0644 "$dir"/*.crt
chmod 0600 "$dir"/*.key
if [ -n "$owner" ]; then
  chown "$owner" "$dir" "$dir"/*.crt "$dir"/server.key
fi
