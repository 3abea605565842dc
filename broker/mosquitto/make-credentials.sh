#!/bin/sh
# Creates the broker's certificates: a private CA, a server certificate, and client certificates on request.
# Safe to run again: valid files are not changed. Requires openssl 1.1.1 or later. Not interactive.
set -euf # -f: the name of a certificate may have a `*`
umask 077

CA_DAYS=3650
SERVER_DAYS=397 # the longest validity that browsers accept
CLIENT_DAYS=397
RENEW_BEFORE_SECONDS=2592000 # 30 days
CA_NAME='edgelog private CA'

usage() {
  cat <<'USAGE'
usage: make-credentials.sh [--dir DIR] [--renew] [--only] [--client NAME]... [--owner USER] [NAME|ADDRESS]...
       make-credentials.sh --check [--dir DIR]

Writes ca.crt, ca.key, server.crt and server.key to DIR. The server certificate is valid for localhost, 127.0.0.1,
::1, each NAME or ADDRESS given, and the names of the present server certificate. It is replaced if it expires within 30
days, lacks one of the names or does not belong to server.key, or with --renew. A server certificate that ca.crt did not
sign, for example a publicly trusted one, is replaced with --renew only. The CA is not replaced, so clients that trust it
continue to work. If ca.crt and ca.key are missing, a new CA is created, and a server certificate of the previous CA is
replaced. Replaced files keep their owner and mode. A lost server.key or server.crt gets the owner of the other one.

  --dir DIR      directory of the files (default: certs); required to create a new CA
  --renew        replace the server certificate, signed by the same CA; DIR must have certificates
  --only         leave out the names of the present server certificate that are not given again
  --client NAME  also create client-NAME.crt and client-NAME.key (for `require_certificate true`)
  --check        create nothing; print when each certificate expires, and fail if one expires within 30 days, does not
                 belong to its key, or if ca.crt is missing
  --owner USER   change the owner of the files to USER, the broker's user (requires root)

Exit status: 0 on success, 1 if --check finds a problem, if a server certificate that ca.crt did not sign does not
belong to server.key or is signed by another private CA, or if openssl fails, 2 for invalid arguments, a missing
openssl or ca.key, a ca.key without ca.crt, a missing --dir, --renew without certificates, a file whose owner cannot be
kept, or --check without a server certificate.
USAGE
}

fail() {
  echo "make-credentials.sh: $1" >&2
  exit 2
}

dir=certs has_dir=no renew=no only=no check=no clients='' owner='' names='localhost 127.0.0.1 ::1'
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --dir | --client | --owner)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --dir) dir=$2 has_dir=yes ;;
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

# is_pair CERTIFICATE KEY: whether both have the same public key. With an encrypted key openssl must not prompt.
is_pair() {
  public=$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null) || return 1
  [ "$public" = "$(openssl pkey -in "$2" -pubout -passin pass: 2>/dev/null)" ]
}

# Whether a private CA of this script, not necessarily the present one, issued the server certificate.
is_private() {
  [ "$(openssl x509 -in "$dir/server.crt" -noout -issuer -nameopt RFC2253 2>/dev/null)" = "issuer=CN=$CA_NAME" ]
}

# report_expiry FILE: prints when a certificate expires. Fails if it expires within 30 days.
report_expiry() {
  ends=$(openssl x509 -in "$1" -noout -enddate | cut -d= -f2)
  if is_fresh "$1"; then echo "$1: valid until $ends"; return 0; fi
  echo "$1: EXPIRES $ends" >&2
  return 1
}

command -v openssl >/dev/null || fail "openssl is missing; install it (Debian: apt-get install openssl)"

# Includes the CA: replacing it requires an update of every client that trusts it.
if [ $check = yes ]; then
  [ -f "$dir/server.crt" ] || fail "$dir/server.crt does not exist; pass the directory of the broker's certificates with --dir"
  status=0
  # Mosquitto does not start without it, unless its configuration uses a publicly trusted certificate only.
  if [ ! -f "$dir/ca.crt" ] && { [ -f "$dir/ca.key" ] || is_private; }; then
    echo "$dir/ca.crt: MISSING; put it back: each client that trusts it has a copy" >&2
    status=1
  fi
  set +f
  for file in "$dir"/*.crt; do
    report_expiry "$file" || status=1
    key=${file%.crt}.key
    # The keys of the CA and of clients may be elsewhere.
    if [ ! -f "$key" ] && [ "$key" != "$dir/server.key" ]; then continue; fi
    if [ -f "$key" ] && [ ! -r "$key" ]; then echo "$key: not compared, because it is not readable" >&2; continue; fi
    is_pair "$file" "$key" && continue
    echo "$key: DOES NOT BELONG to $file" >&2
    status=1
  done
  exit $status
fi

# In a wrong directory, a new CA would look like a success, while the broker keeps its old certificate.
if [ ! -f "$dir/ca.crt" ]; then
  # A new CA would replace the key, without which a copy of ca.crt is useless.
  [ ! -f "$dir/ca.key" ] ||
    fail "$dir/ca.crt is missing: put it back (each client that trusts it has a copy), or remove ca.key to create a new CA"
  [ $has_dir = yes ] ||
    fail "$dir/ca.crt does not exist; pass the directory of the broker's certificates with --dir, also to create a new CA"
  [ $renew = no ] || [ -f "$dir/server.crt" ] || fail "$dir has no certificate to renew"
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
  cat >"$work/ca.cnf" <<CNF
[req]
distinguished_name = dn
x509_extensions = ca
prompt = no
[dn]
CN = $CA_NAME
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CNF
  make_key "$work/ca.key"
  run openssl req -x509 -new -sha256 -config "$work/ca.cnf" -key "$work/ca.key" -days $CA_DAYS \
    -set_serial "$(serial)" -out "$work/ca.crt"
  replace ca.key ca.crt
  echo "new CA, valid for $CA_DAYS days: $dir/ca.crt"
}

# replace FILE...: moves files from $work to $dir. They keep the owner and mode of the files that they replace: after SIGHUP
# Mosquitto reads the key as its own user. If the owner of one cannot be kept, none is replaced: a key belongs to its certificate.
replace() {
  for file; do
    if [ -e "$dir/$file" ]; then
      run cp -p "$dir/$file" "$work/replaced"
      [ "$(owner_of "$work/replaced")" = "$(owner_of "$dir/$file")" ] ||
        fail "cannot keep the owner of $dir/$file: run this as root or as its owner"
      if [ -w "$work/replaced" ]; then cat "$work/$file" >"$work/replaced"; else
        chmod u+w "$work/replaced"
        cat "$work/$file" >"$work/replaced"
        chmod u-w "$work/replaced"
      fi
      mv -f "$work/replaced" "$work/$file"
    else
      # Certificates are public. Keys are readable by their owner only.
      case $file in *.crt) chmod 0644 "$work/$file" ;; *) chmod 0600 "$work/$file" ;; esac
      case $file in
        server.key) give "$work/$file" "$dir/server.crt" "$dir/ca.crt" ;;
        server.crt) give "$work/$file" "$dir/server.key" "$dir/ca.crt" ;;
      esac
    fi
  done
  for file; do mv -f "$work/$file" "$dir/$file"; done
}

# give FILE LIKE...: gives a new FILE the owner of the first of the others that exists, so that Mosquitto can read it.
give() {
  given=$1
  shift
  for like; do
    [ -e "$like" ] || continue
    [ "$(owner_of "$like")" = "$(owner_of "$given")" ] || chown "$(owner_of "$like")" "$given" 2>/dev/null ||
      fail "cannot give ${given##*/} the owner of $like: run this as root or as its owner"
    return
  done
}

owner_of() { ls -Lln "$1" | awk '{ print $3 ":" $4 }'; }

# sign FILE COMMON_NAME DAYS: creates a key and a certificate signed by the CA, with the extensions in $work/extensions.
sign() {
  [ -f "$dir/ca.key" ] ||
    fail "$dir/ca.key is missing, so $1.crt cannot be signed; to create a new CA, remove ca.crt and pass --renew"
  printf '[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = %s\n' "$2" >"$work/request.cnf"
  make_key "$work/$1.key"
  run openssl req -new -sha256 -config "$work/request.cnf" -key "$work/$1.key" -out "$work/$1.csr"
  run openssl x509 -req -sha256 -in "$work/$1.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -set_serial "$(serial)" \
    -days "$3" -extfile "$work/extensions" -out "$work/$1.crt"
  replace "$1.key" "$1.crt"
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
  asked=$names
  names=$(present_names | tr '\n' ' ')
  for name in $asked; do has_name "$dir/server.crt" "$name" || names="$names $name"; done
fi

is_server_valid() {
  is_fresh "$dir/server.crt" && is_pair "$dir/server.crt" "$dir/server.key" && is_ours "$dir/server.crt" || return 1
  for name in $names; do has_name "$dir/server.crt" "$name" || return 1; done
}

# is_ours CERTIFICATE: whether ca.crt signed it. Without the times: an expired certificate of our CA is ours, too. With -CAfile,
# openssl would also trust the CAs of the system.
is_ours() { openssl verify -no_check_time -trusted "$dir/ca.crt" "$1" >/dev/null 2>&1; }

# The clients that trust a CA would not trust another one. Its key may be elsewhere.
if [ ! -f "$dir/ca.crt" ]; then
  make_ca
  # No client that trusts the new CA would trust a server certificate of the previous one.
  if [ -f "$dir/server.crt" ] && is_private; then renew=yes; fi
fi

status=0
if [ $renew = no ] && [ -f "$dir/server.crt" ] && ! is_ours "$dir/server.crt"; then
  echo "$dir/server.crt is not signed by $dir/ca.crt and stays unchanged; --renew replaces it"
  report_expiry "$dir/server.crt" || true
  if ! is_pair "$dir/server.crt" "$dir/server.key"; then
    echo "$dir/server.key: DOES NOT BELONG to $dir/server.crt" >&2
    status=1
  fi
  if is_private; then
    echo "$dir/server.crt: SIGNED BY ANOTHER PRIVATE CA; clients that trust $dir/ca.crt cannot connect" >&2
    status=1
  fi
elif [ $renew = yes ] || ! is_server_valid; then
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
  file=$dir/client-$client
  if is_fresh "$file.crt" && is_pair "$file.crt" "$file.key" && is_ours "$file.crt"; then continue; fi
  extensions clientAuth
  sign "client-$client" "$client" $CLIENT_DAYS
  echo "new client certificate, valid for $CLIENT_DAYS days: $dir/client-$client.crt"
done

if [ -n "$owner" ]; then
  set +f
  chown "$owner" "$dir" "$dir"/*.crt "$dir"/server.key
fi
exit $status
