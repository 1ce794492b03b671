#!/bin/sh
# An agent's page shows what is so, and says what goes wrong, at each step of an agent's day in headless Chromium: an offer is
# missed, a chat goes on through a killed router and a killed desk, calls ring, are taken back, held, asked about, and dialled
# in vain, the telephone is unplugged, the page is away meanwhile. What the T-Server does not say again is not shown. A call in
# each state is there again after a reload and after the loss of the network, the desk, the router and the T-Server.
. "$top_srcdir/tests/flows/desk_page.sh"
