#!/bin/bash
# A customer asks for a call-back at the widget of a page, in headless Chromium: callback_web.sh says how.
GCX_PAGE=yes
. "$top_srcdir/tests/flows/callback_web.sh"
