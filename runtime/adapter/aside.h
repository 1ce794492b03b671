/* runtime/adapter/aside.h - A thread for what libraries only do blocking, and for how long nobody knows: names to
 * addresses, asking a server to cancel.
 *
 * A job is done by the thread and then finished on the loop's. A thread that is stuck in one (a dead host: minutes) is
 * left behind by aside_free, which never waits: the thread owns what it needs and goes when it can, so a plugin that
 * uses this stays loaded (-z nodelete). */
#pragma once

#include <stdbool.h>

struct event_base;
struct aside;

struct aside_job { /* the first member of what the caller needs; malloc'ed */
    struct aside_job *next;
    void (*work)(struct aside_job *);   /* on the thread */
    void (*finish)(struct aside_job *); /* on the loop's; not called when the aside was freed meanwhile; may free it */
    void (*drop)(struct aside_job *);   /* frees it: after either, or instead of them */
};

struct aside *aside_new(struct event_base *);
void aside_free(struct aside *);
/* False, and dropped, where too many wait, or no thread is to be had. */
bool aside_do(struct aside *, struct aside_job *);
/* One whose work is done already: it is finished by the loop, and never from within. */
void aside_did(struct aside *, struct aside_job *);
