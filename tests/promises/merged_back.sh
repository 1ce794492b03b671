#!/bin/bash
# "Merge can be taken back", to an agent who has merged the wrong e-mails, and to the two customers who have written them: an
# agent merges one customer's e-mail into another one's, or into another one of the same customer, and presses Undo. Then both
# are two works, each once; the answer to each goes to its own customer, quotes that customer, and stands in that history alone
# (merged_back.py). That holds where the router, the plugin of e-mails, the contact store's PostgreSQL or the desk is killed
# between the merge and Undo, or while Undo is under way, and where a backup is put back: one from between the two, or one from
# before the merge, with the contact store as it is, and with the store of the backup. Where the desk was started anew, the
# e-mails of two customers stay one, and the agent is told so, and where the other one is. ALL=1: each kill for one customer, too.
# It leaves out: the page's ten seconds (desk_browser.sh), and the note for agents of what was merged, which stays with the work
# that it was merged into. What was attached as a file: tests/flows/desk_wire.py.
. "$top_srcdir/tests/flows/walked_common.sh"
. "$top_srcdir/tests/flows/answers_common.sh" || exit 1
walk_begins
walk merged_back.py
finish
