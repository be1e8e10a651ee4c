# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts. A long step is one line: what it is, how far it got (on a terminal only), and how
# long it took; its full output goes to a log, of which the end is shown when the step fails.
#
#   quietly LABEL LOG COMMAND...     runs COMMAND, keeps its output in LOG, passes its exit code on

# Seconds with one decimal between two EPOCHREALTIME stamps.
seconds_since() {
    local -i us=$((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}))
    printf '%d.%d' $((us / 1000000)) $((us % 1000000 / 100000))
}

quietly() {
    local label=$1 log=$2 started=$EPOCHREALTIME status=0
    shift 2
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null &
    local -i child=$!
    if [[ -t 1 ]]; then
        while kill -0 "$child" 2>/dev/null; do
            printf '\r\e[K  %-34s %6s s  %.70s' "$label" "$(seconds_since "$started")" \
                "$(tail -n 1 "$log" | tr -d '\r' | cut -c1-70)"
            sleep 0.5
        done
        printf '\r\e[K'
    fi
    wait "$child" || status=$?
    if ((status == 0)); then
        printf '  %-34s %6s s\n' "$label" "$(seconds_since "$started")"
        return 0
    fi
    printf '  %-34s %6s s  FAILED (exit code %d)\n' "$label" "$(seconds_since "$started")" "$status"
    # A compiler's first error matters more than its last line; without one the end of the log is shown.
    if grep -nE -m 1 '(error|fatal|FAILED|ERROR):' "$log" >/dev/null; then
        grep -nE -A 12 -m 3 '(error|fatal|FAILED|ERROR):' "$log" | head -n 45 | sed 's/^/    /' >&2
    else
        tail -n 30 "$log" | sed 's/^/    /' >&2
    fi
    echo "    the whole log: $log" >&2
    return "$status"
}
