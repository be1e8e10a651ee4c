#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a program as a user who has nothing: no home, no runtime folder, no capability, no way to get one. The program
# is copied, because the build folder may be out of that user's reach.
set -eu
if [ "$(id -u)" -ne 0 ]; then
    exec "$@"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$1" "$folder/program"
shift
chmod 755 "$folder" "$folder/program"
cd "$folder"
setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
    env -i PATH="$PATH" REGSTORM_TEST_PAGES="${REGSTORM_TEST_PAGES:-}" ./program "$@"
