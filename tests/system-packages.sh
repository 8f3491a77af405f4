#!/bin/sh
# Installs the system programs that the tests use, where that is allowed; says so where it is not.
# RUNLEVEL=1: Debian starts the services that it installs, and these are started by the tests.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v gnutls-serv >/dev/null 2>&1 || missing="$missing gnutls-bin"
PATH=$PATH:/usr/sbin command -v nginx >/dev/null 2>&1 || missing="$missing nginx"
PATH=$PATH:/usr/sbin command -v knotd >/dev/null 2>&1 || missing="$missing knot"
PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
PATH=$PATH:/usr/sbin command -v Orthanc >/dev/null 2>&1 || missing="$missing orthanc"
[ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] || missing="$missing orthanc-dicomweb"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing for the tests:$missing"
  apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "not installed, and some tests will be left out:$missing"
