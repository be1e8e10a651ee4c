# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts: which builds exist, each declared once, and how one is made.
#
#   release  g++, LTO: what users run and what is measured
#   dev      g++, -O1 with assertions: unit tests, benchmarks in miniature
#   asan     clang with ASan + UBSan, fuzz targets: the second compiler and the memory checks in one build
#   tsan     clang with TSan: the tests of suite 'threads' only
#   lint     clang: what clang-tidy reads; never built
#
# -O1 halves the time of a build against -O2 and still inlines enough to run at a useful speed; debug symbols would
# double it again, and a failure names its line without them. A dozen files compiled as one halve it once more, and
# leave nothing for precompiled headers to save (dev: 303 s with them, 270 s without); that each file includes what it
# uses is seen by lint, which takes one at a time.
# shellcheck source-path=SCRIPTDIR source=quietly.bash
source "$(dirname "${BASH_SOURCE[0]}")/quietly.bash"

variant_options() {
    local together='-Dunity=on -Dunity_size=12'
    local checked="-Dbuildtype=plain -Doptimization=1 -Db_ndebug=false $together"
    case "$1" in
        release) echo "$together" -Dbuildtype=release -Db_lto=true -Dtests=false -Dbench=false ;;
        dev) echo "$checked" -Dtests=true -Dbench=true ;;
        asan) echo "$checked" -Ddebug=true -Db_sanitize=address,undefined -Db_lundef=false -Dtests=true -Dbench=false \
            -Dfuzz=true ;;
        tsan) echo "$checked" -Ddebug=true -Db_sanitize=thread -Db_lundef=false -Dtests=true -Dbench=false ;;
        lint) echo -Dbuildtype=plain -Dtests=false -Dbench=false ;;
        *) return 1 ;;
    esac
}

variant_compiler() {
    case "$1" in
        release | dev) echo g++ ;;
        *) echo clang++ ;;
    esac
}

# configure VARIANT [OPTION...]: sets build/VARIANT up, or again when an option is wanted that it lacks. Options
# stay as they were last asked for, so that scripts/build does not undo what scripts/bench switched on.
configure() {
    local variant=$1 folder=build/$1 option key
    shift
    local stamp=$folder/.options
    local -a wanted how=()
    read -ra wanted <<<"$(variant_options "$variant")"
    if [[ -f $folder/build.ninja && -f $stamp ]]; then
        local changed=no
        for option in "$@"; do
            grep -qxF -- "$option" "$stamp" || changed=yes
        done
        if [[ $changed == no ]]; then
            # A changed meson.build must be read before anything asks the build what it holds.
            ninja -C "$folder" build.ninja >"build/logs/configure-$variant.log" 2>&1 && return 0
        fi
        mapfile -t wanted <"$stamp"
        how=(--reconfigure)
    else
        rm -rf "$folder"
    fi
    wanted+=("$@")
    CXX=$(variant_compiler "$variant") quietly "configure $variant" "build/logs/configure-$variant.log" \
        meson setup "${how[@]}" "${wanted[@]}" "$folder"
    # The last word on an option wins.
    local -A last=()
    for option in "${wanted[@]}"; do
        key=${option%%=*}
        last[$key]=$option
    done
    printf '%s\n' "${last[@]}" >"$stamp"
}

# compile VARIANT [NINJA_TARGET...]
compile() {
    local variant=$1
    shift
    quietly "compile $variant" "build/logs/compile-$variant.log" ninja -C "build/$variant" "$@"
}

# The program at the place where everybody looks for it.
link_program() { ln -sfn release/regstorm build/regstorm; }
