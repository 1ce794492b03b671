/* runtime/studio/play.h - A call that is played by hand: a person is caller, agents, databases and clock. To be called
 * as check.h says.
 *
 * gcxdb plays it. A play is always the same, so nothing is kept between two acts: each time the acts so far are played
 * from the beginning. */
#pragma once

#include "runtime/studio/check.h"

/* `acts`: commands of gcxdb of the group "The world", and advance or continue, such as `arrive +33145550101` and `key
 * 4711`. {at_us, over, asks, way, timeline} as gcxdb's `graph FILE.json` has them. NULL with the reason: the last act
 * cannot be done, or the files have errors. */
json_t *studio_play(git_repository *, const git_tree *, const struct studio_unsaved *, const json_t *acts, int stop,
                    struct error *);
