#!/bin/sh
set -e
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
  # With a flag in front of it, --version is a fatal configuration error.
  case ${2:-} in -v | --version | -h | --help | --test-memory | --check-system) exec "$@" ;; esac
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
  fi
  [ "$(umask)" != 0022 ] || umask 0077
  shift
  conf=''
  case ${1:-} in '' | -*) ;; *)
    conf=$1
    shift
    ;;
  esac
  # The official binary is compiled with protected mode off, Debian's is not. A conf file or a later flag still wins.
  { [ -n "$conf" ] && grep -qiE '^[[:space:]]*protected-mode[[:space:]]' "$conf"; } || set -- --protected-mode no "$@"
  set -- redis-server ${conf:+"$conf"} "$@"
fi
exec "$@"
