#!/usr/bin/env bash
# Builds ros_nodes/vplanner_interfaces on the ROS wheels of a virtual environment and installs it there:
#   scripts/build-interfaces.sh VENV
# The environment needs `pip install 'vplanner[ros,ros-build]'`, the system cmake, ninja and g++. With an installed ROS,
# `colcon build` does the same.
set -euo pipefail

venv=$(cd "${1:?usage: scripts/build-interfaces.sh VENV}" && pwd)
source=$(cd "$(dirname "$0")/../ros_nodes/vplanner_interfaces" && pwd)
python=$venv/bin/python
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

for tool in cmake ninja g++; do
  command -v "$tool" >/dev/null || PATH=$venv/bin:$PATH command -v "$tool" >/dev/null || {
    echo "build-interfaces: $tool is not installed" >&2
    exit 2
  }
done

# The wheels' CMake files name the folders of the machine that built them; these are ours.
read -r version include numpy < <("$python" -c '
import sys, sysconfig, numpy
print(f"{sys.version_info[0]}{sys.version_info[1]}", sysconfig.get_paths()["include"], numpy.get_include())')
built_in="/opt/python/cp$version-cp$version"
grep -rlF "$built_in" "$venv/share" --include='*.cmake' | while read -r file; do
  sed -i -E "s#$built_in/include/python[0-9.]+#$include#g; s#$built_in/lib/python[0-9.]+/site-packages/numpy/_core/include#$numpy#g" \
    "$file"
done

export AMENT_PREFIX_PATH=$venv CMAKE_PREFIX_PATH=$venv PATH=$venv/bin:$PATH
run() {
  "$@" >"$build/log" 2>&1 || {
    grep -A8 'Error\|error' "$build/log" >&2 || tail -n 20 "$build/log" >&2
    echo "build-interfaces: failed: $*" >&2
    exit 1
  }
}
run cmake -S "$source" -B "$build/cmake" -G Ninja -DPython3_EXECUTABLE="$python" -DBUILD_TESTING=OFF \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$venv"
run ninja -C "$build/cmake" install
"$python" -c 'from vplanner_interfaces.action import ExecuteInstruction'
echo "vplanner_interfaces is installed in $venv"
