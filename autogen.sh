#!/bin/sh
# Makes the lists of sources and ./configure from configure.ac. Needs autoconf, automake, libtool and pkg-config.
set -e
cd "$(dirname "$0")"

# sources VARIABLE FOLDER [LEFT OUT ...]: FOLDER/sources.mk says what sources the folder has, for its local.mk, without
# those of a folder, or of a name (a/b is a/b.c and a/b.h), that is left out.
# A list of the same contents is left as it is, so that make has nothing to do. Files that the build makes are no sources,
# nor are files whose names begin with a dot, which editors leave.
# make calls `autogen.sh sources` before anything else, so a new file needs no line anywhere. Two builds of one tree may
# call it at the same time: each writes to a file of its own.
sources() {
    variable=$1 folder=$2
    shift 2
    [ -w "$folder" ] || return 0
    for out; do set -- "$@" ! -path "$out/*" ! -path "$out.[ch]"; shift; done
    {
        echo "## Made by autogen.sh from the folder."
        find "$folder" ! -name '.*' \( -name '*.[chly]' -o -name '*.def' \) ! -name '*_texts.def' ! -name 'parser.[ch]' ! -name lexer.c "$@" |
            LC_ALL=C sort | sed "1s/^/$variable = /; \$!s/\$/ \\\\/"
    } >"$folder/sources.mk.$$"
    if cmp -s "$folder/sources.mk.$$" "$folder/sources.mk"; then
        rm "$folder/sources.mk.$$"
    else
        mv "$folder/sources.mk.$$" "$folder/sources.mk"
    fi
}
sources CORE_SOURCES runtime/core
sources COMPILER_SOURCES compiler compiler/lsp compiler/cli compiler/import
sources LSP_SOURCES compiler/lsp
sources IMPORT_SOURCES compiler/import
sources CLI_SOURCES compiler/cli compiler/cli/libraries compiler/cli/picture compiler/cli/sites

[ "${1-}" = sources ] && exit
mkdir -p m4
autoreconf --install --warnings=all
