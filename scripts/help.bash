# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts, from the project's folder: the comment at the head of a script is its help.
usage() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "scripts/$(basename "$0")"; }

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
    usage
    exit 0
fi
