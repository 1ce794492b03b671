/* runtime/adapter/aside.h - A thread for library calls that can only block, for an unknown time: looking up a name,
 * asking a server to cancel.
 *
 * The thread does a job, and then the loop's thread finishes it. A thread that is stuck in a job (a dead host:
 * minutes) is left running by aside_free, which never waits: the thread owns what it needs and ends when it can, so
 * a plugin that uses this stays loaded (-z nodelete). */
#pragma once

#include <stdbool.h>

struct event_base;
struct aside;

struct aside_job { /* the first member of the caller's own struct, which is malloc'ed */
    struct aside_job *next;
    void (*work)(struct aside_job *); /* on the thread */
    /* called on the loop's thread, unless the aside was freed; may free the aside */
    void (*finish)(struct aside_job *);
    void (*drop)(struct aside_job *); /* frees the job: after work or finish, or in place of them */
};

struct aside *aside_new(struct event_base *);
void aside_free(struct aside *);
/* Gives the job to the thread; false: the job was dropped, since too many wait or no thread can be started. */
bool aside_do(struct aside *, struct aside_job *);
/* Hands in a job whose work is already done: the loop finishes it later, never within this call. */
void aside_did(struct aside *, struct aside_job *);
