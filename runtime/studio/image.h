/* runtime/studio/image.h - Images of what is published, for rollouts: built once for each commit, beside the
 * repository's own files, and what yesterday would have been with one. */
#pragma once

#include "runtime/studio/repository.h"

/* The path of the image that this version of gcxc makes of a commit, below the repository's folder; g_free. NULL: the
 * text is no commit's. Whether there is such a file is not looked at. */
char *studio_image_path(const char *folder, const char *commit);
/* Builds the image of a commit of HEAD's branch, unless it is there already. The twenty that were
 * asked for last are kept. Returns {commit}. ERROR_STATE: the commit
 * is not published, or gcxc refuses it. */
json_t *studio_build(git_repository *, const char *folder, const char *commit, int stop, struct error *);
/* What the last `since` would have been with the image, as `gcxctl what-if` tells it: {text}. `admin`: gcxvm's socket.
 * `point`: only what arrived there; NULL: all. `stop`: as tool_run() has it. */
json_t *studio_what_if(const char *folder, const char *admin, const char *commit, const char *point, const char *since,
                       int stop, struct error *);
/* What comes at the point from now on, decided by the image, too, as `gcxctl shadow` tells it after so many seconds:
 * {text}. Nobody is touched. */
json_t *studio_shadow(const char *folder, const char *admin, const char *commit, const char *point, unsigned seconds,
                      int stop, struct error *error);
