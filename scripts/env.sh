# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Puts a bash or zsh into the finished environment:  . scripts/env.sh
# With ROS or PYTHON set it takes the environment that make made with them.

# Takes what another ROS environment of this shell added out of a list of folders.
_fastsam_drop_ros() {
  if [ -n "${ZSH_VERSION:-}" ]; then emulate -L sh; fi
  local IFS=: entry prefix kept='' keep
  for entry in $1; do
    keep=1
    for prefix in ${AMENT_PREFIX_PATH:-}; do
      case "$entry/" in "$prefix"/*) keep='' ;; esac
    done
    if [ -n "$keep" ]; then kept="${kept:+$kept:}$entry"; fi
  done
  echo "$kept"
}

_fastsam_enter() {
  local root="$1" shell="$2" ros="${ROS:-}" python="${PYTHON##*/}" suffix='' setup=''
  case "$ros" in '' | system | kilted) ;; *) suffix="-$ros" ;; esac
  case "$python" in '' | python | python3) ;; *) suffix="$suffix-$python" ;; esac
  local venv="$root/.venv$suffix" install="$root/install$suffix"
  # Built by hand in a workspace: this folder lies in its src/.
  if [ ! -f "$install/setup.$shell" ] && [ -d "$root/../../install/fastsam_ros" ]; then
    install="$(cd "$root/../.." && pwd)/install"
  fi
  if [ ! -f "$install/setup.$shell" ]; then
    echo "fastsam_ros: nothing is built yet in $root: run 'make build' (or 'make demo') first" >&2
    return 1
  fi
  if [ -f "$venv/bin/activate" ]; then
    . "$venv/bin/activate"
    if [ -d "$venv/share/rclpy" ]; then # ROS 2 from wheels
      LD_LIBRARY_PATH="$(_fastsam_drop_ros "${LD_LIBRARY_PATH:-}")"
      PYTHONPATH="$(_fastsam_drop_ros "${PYTHONPATH:-}")"
      export LD_LIBRARY_PATH PYTHONPATH AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv"
      [ -n "$LD_LIBRARY_PATH" ] || unset LD_LIBRARY_PATH
      [ -n "$PYTHONPATH" ] || unset PYTHONPATH
      unset ROS_DISTRO COLCON_PREFIX_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
    fi
  fi
  . "$install/setup.$shell"
  # Messages that tests need and no wheel has; `make test` builds them.
  local interfaces="$root/install-test$suffix"
  if [ -f "$interfaces/local_setup.$shell" ]; then . "$interfaces/local_setup.$shell"; fi
  # The sources come first, so that an edit needs no build.
  export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
  case $- in *i*) _fastsam_tell ;; esac # scripts and make need no words
}

_fastsam_tell() {
  echo 'fastsam_ros: `fastsam --help` lists what there is; `make demo` starts a node to ask.'
  if ! command -v ros2 >/dev/null; then
    echo "No ros2 here: \`fastsam ask\` does what README does with \`ros2 service call\`, and"
    echo '`python -m fastsam_ros.ros.node --ros-args -r image:=TOPIC` starts the node.'
  fi
}

if [ -n "${ZSH_VERSION:-}" ]; then
  _fastsam_root="${${(%):-%x}:A:h:h}"
  _fastsam_enter "$_fastsam_root" zsh
elif [ -n "${BASH_VERSION:-}" ]; then
  _fastsam_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
  _fastsam_enter "$_fastsam_root" bash
else
  echo 'fastsam_ros: scripts/env.sh is for bash and zsh' >&2
  false
fi
