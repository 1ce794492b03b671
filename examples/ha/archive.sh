#!/bin/sh
# archive.sh PATH NAME FOLDER - PostgreSQL's archive_command: a segment of the write-ahead log goes into the archive,
# compressed, whole and durable, or not at all. One that is there already is compared: two servers never archive different
# segments under one name, except by a mistake in their set-up, which PostgreSQL's log then tells. The archive is made where
# only its folder lacks: one above that is not there, or is not ours, is a mount that is away.
set -eu
[ -d "$3" ] || mkdir -m 700 "$3"
to=$3/$2.gz
if [ -e "$to" ]; then
    gunzip -c "$to" | cmp -s - "$1" && exit 0
    echo "$to is there, and is another segment than $1" >&2
    exit 1
fi
gzip -c "$1" >"$to.$$"
sync "$to.$$"
mv "$to.$$" "$to"
sync "$3"
