#!/bin/sh
# Makes the lists of sources, the units, and ./configure from configure.ac. Needs autoconf, automake, libtool and pkg-config.
set -e
cd "$(dirname "$0")"

# files TARGET FOLDER [LEFT OUT ...]: the list TARGET_FILES of all sources of the folder, without those of a folder, or of a
# name (a/b is a/b.c and a/b.h), that is left out. Files that the build makes are no sources, nor are files whose names begin
# with a dot, which editors leave.
files() {
    target=$1 folder=$2
    shift 2
    for out; do set -- "$@" ! -path "$out/*" ! -path "$out.[ch]"; shift; done
    find "$folder" ! -name '.*' \( -name '*.[chly]' -o -name '*.def' \) ! -name '*_texts.def' ! -name 'parser.[ch]' ! -name lexer.c "$@" |
        LC_ALL=C sort | sed "1s/^/${target}_FILES = /; \$!s/\$/ \\\\/"
}

# sources.mk says which sources each library and program has. It is left as it is where it has the same contents, so that
# make has nothing to do. make calls `autogen.sh sources` before anything else, so a new file of these folders needs no line
# anywhere. Two builds of one tree may call it at the same time: each writes to files of its own.
sources() {
    [ -w . ] || return 0
    {
        echo "## Written by autogen.sh."
        files libcore_la runtime/core
        files libcompiler_la compiler compiler/lsp compiler/cli compiler/import
        files liblsp_la compiler/lsp
        files libimport_la compiler/import
        files gcxc compiler/cli compiler/cli/libraries compiler/cli/picture compiler/cli/sites
    } >sources.mk.$$
    awk -f tests/quick/units.awk sources.mk.$$ $(sed -n 's/^include \(.*local.mk\)$/\1/p' Makefile.am) >units.mk.$$
    cat units.mk.$$ >>sources.mk.$$ && rm units.mk.$$
    if cmp -s sources.mk.$$ sources.mk; then rm sources.mk.$$; else mv sources.mk.$$ sources.mk; fi
}
sources

[ "${1-}" = sources ] && exit
mkdir -p m4
autoreconf --install --warnings=all
