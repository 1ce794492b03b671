#!/bin/bash
# A caller at one switch who is for an agent at another stays one call, with its age, its data and that agent: the core and
# each T-Server are killed while it rings and while the two talk, the core is restarted, and the machine is lost and comes
# back from a backup of when it rang.
export PARTS=promise KILLS=0
. "$top_srcdir/tests/flows/switches.sh"
