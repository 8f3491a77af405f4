#!/bin/sh
# Installs the system programs that the tests use, where that is allowed; says so where it is not.
# RUNLEVEL=1: Debian starts the services that it installs, and these are started by the tests.
# --no-remove: a machine keeps the mail server that it has, which postfix would replace.
set -u
PATH=$PATH:/usr/sbin
for folder in /usr/lib/postgresql/*/bin; do PATH=$PATH:$folder; done
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need 7z p7zip-full
need age age
need buildah buildah
need chromium chromium
need cryptsetup cryptsetup-bin
need dovecot dovecot-imapd
need echoscu dcmtk
need fish fish
need gnutls-serv gnutls-bin
need gpg gnupg
need ip iproute2
need knotd knot
need mariadbd mariadb-server
need nginx nginx
need openssl openssl
need Orthanc orthanc
need postconf postfix
need postgres postgresql
need redis-server redis-server
need setpriv util-linux
need shellcheck shellcheck
need slapd slapd
need stunnel4 stunnel4
need unshare util-linux
need xz xz-utils
need zsh zsh
[ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] || missing="$missing orthanc-dicomweb"
# what WeasyPrint loads
ldconfig -p | grep -q libpangoft2-1.0 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0"
[ -z "$missing" ] && exit 0
install() {
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends --no-remove "$@" >/dev/null
}
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing for the tests:$missing"
  if apt-get update -qq; then
    # shellcheck disable=SC2086 # a list of packages
    install $missing && exit 0
    left=""
    for one in $missing; do install "$one" || left="$left $one"; done
    missing=$left
    [ -z "$missing" ] && exit 0
  fi
fi
echo "not installed, and some tests will be left out:$missing"
