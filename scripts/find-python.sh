#!/usr/bin/env bash
# Prints the first Python on PATH that is new enough; fails with a reason when there is none.
for candidate in python3 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v "$candidate"
    exit 0
  fi
done
echo "vplanner needs Python 3.11 or newer, and none is on PATH. With one elsewhere: make PYTHON=/path/to/python3 ..." >&2
exit 1
