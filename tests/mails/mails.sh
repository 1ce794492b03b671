#!/bin/sh
# Mails of every kind that the world writes, and every label of a charset: each is read as mails.py says, and a second
# parser, Python's, reads the same or differs for the reason that stands beside it.
. "$(dirname "$0")/../language/common.sh"
python3 "$source/tests/mails/mails.py" "$top_builddir/tests/mails/reader" "$source/runtime/mail/charsets.def" "$source/runtime/adapter/letters.def" || say "a mail is read wrongly"
[ "$failed" -eq 0 ]
