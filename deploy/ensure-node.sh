#!/usr/bin/env bash
# Makes sure Node.js 20 or newer and npm are there for the outside-client tests: installs Debian's or Ubuntu's packages when
# it may, and otherwise says what to do.
set -euo pipefail

wanted=20
usable() { command -v node >/dev/null && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$wanted" ]; }

usable && exit 0
if command -v apt-get >/dev/null; then
  if [ "$(id -u)" -eq 0 ]; then sudo=""
  elif sudo -n true 2>/dev/null; then sudo="sudo -n"
  else sudo="none"; fi
  if [ "$sudo" != none ]; then
    echo "Installing nodejs and npm with apt-get ..."
    $sudo apt-get update -q && $sudo apt-get install -y -q nodejs npm
    usable && exit 0
  fi
fi
found=$(command -v node >/dev/null && node --version || echo none)
cat >&2 <<TEXT
Node.js $wanted or newer with npm is needed for the outside-client tests; found: $found.
Install it (https://nodejs.org/en/download, or 'sudo apt-get install nodejs npm' where the distribution's is new enough)
and run the command again. 'make test-go' runs all other tests without it.
TEXT
exit 1
