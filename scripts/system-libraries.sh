#!/usr/bin/env bash
# Installs the system packages that rendering and virtual environments need, and nothing when they are there.
set -euo pipefail

missing=()
has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }
has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

python=${1:-}
if [ -z "$python" ]; then
  missing+=(python3 python3-venv)
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  missing+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi
has_library 'libEGL\.so\.1' || missing+=(libegl1)
has_package libgl1-mesa-dri || missing+=(libgl1-mesa-dri)

[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Needed: ${missing[*]} (as Debian and Ubuntu call them), but apt-get is not on this machine." >&2
  echo "Install them with your system's package manager, then go on with: make SYSTEM_LIBRARIES=present ..." >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Run as root: apt-get install -y ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
