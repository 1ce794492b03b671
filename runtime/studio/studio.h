/* runtime/studio/studio.h - The room of those who write strategies: what the console's page Strategies asks for.
 *
 *     repository.h  the git repository: versions, files    draft.h    drafts, reviews, publishing
 *     history.h     commits, differences                   check.h    what gcxc says, as a child
 *     edit.h        a change that is made in the diagram   play.h     a call that is played by hand
 *     simulate.h    days of random calls
 *
 * The owner has checked who asks, and that the parameters are as openapi.json says. */
#pragma once

#include "runtime/studio/repository.h"

struct studio {         /* borrowed from the owner's settings */
    const char *folder; /* the bare repository */
    const char *admin;  /* gcxvm's admin socket; "": there is none */
    int stop;           /* a descriptor that can be read once the owner ends */
    bool four_eyes;     /* who has written a change does not approve it */
};

/* Writes the person's draft to a new folder, which studio_folder_end() removes (check.h). NULL with the reason. */
char *studio_draft_folder(const struct studio *, const struct studio_person *, struct error *);
/* Names of the operations that studio_ask() answers, by 0, 1, ...; NULL after the last. */
const char *studio_operation(size_t at);
/* Answers an operation of openapi.json; `params` has the members of path, query and body. To be called in a thread that
 * may wait; several may at once. Returns a new reference. NULL with the reason: ERROR_STATE where somebody else has
 * changed it meanwhile, ERROR_UNKNOWN where there is none, ERROR_DENIED where this person may not. */
json_t *studio_ask(const struct studio *, const char *operation, const struct studio_person *, const json_t *params,
                   struct error *);
