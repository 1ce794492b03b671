#!/bin/bash
# tests/flows/im_ejabberd.sh - The case of im_case.sh with ejabberd between the people, a server of another make.
GCX_XMPP=ejabberd
. "$top_srcdir/tests/flows/im_case.sh"
