/* runtime/daemon/links/children.h - The adapters' processes: each configured adapter that is not remote runs as
 * `gcxvm --adapter PLUGIN`.
 *
 * Owns the processes, their timers and their restarts. An adapter that ends is started again after a pause, which
 * doubles each time up to a bound and is short again once its link has been up for a while. While the link's grace
 * runs the pause is at most a third of what is left of it, because calls that wait at the link would be lost with
 * the grace. An adapter that runs too long without a link hangs, and is killed.
 *
 * Adapters outlive a gcxvm that dies, so that calls at the switch take their default destinations; the next gcxvm
 * takes those back that still run. children_stop() asks all of them to end; a process that holds conversations, such
 * as an exchange with calls, stays with them as after a crash. One that is taken back with other settings, or an older
 * program, serves until it holds none, and then a new one begins. All on the loop's thread. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/site/conf.h"

struct children;
struct event_base;

struct child_row {
    const char *name;
    pid_t pid; /* 0: it does not run, and waits for its next start */
    unsigned restarts;
    uint64_t renewed_us; /* since when an older process serves until it holds no conversation; 0: none does */
    bool ends;           /* it was told to end, by a person or as its lock was moved, and begins nothing new */
    unsigned held;       /* number of its conversations */
};

/* `term` not 0: others follow this gcxvm, and one of them serves when it dies. So its adapters end with it, and they
 * tell the term to those who would otherwise listen to a leader of the past, too. */
struct children *children_new(struct event_base *, const struct conf *, const struct log *, uint64_t term);
void children_free(struct children *); /* processes that still run live on, as after a crash */

void children_start(struct children *);
/* The adapter's link is up (if it lives on for a while, its next pause is short again), or down. */
void children_link(struct children *, const char *adapter, bool up);
/* Asks all adapters to end; `ended` is called when each one has gone, stays with its conversations, or was killed as it
 * did neither. An adapter that holds conversations is not killed, however slow it is. */
void children_stop(struct children *, void (*ended)(void *self), void *self);

/* How long an adapter that has ended waits for its next start: its back-off, or, where that is longer, a third of what
 * is left of its link's grace (0: it is over), but not less than the shortest pause. So it may fail several times more
 * before the grace is over. */
uint64_t children_pause_ms(uint64_t back_off_ms, uint64_t shortest_ms, uint64_t grace_left_ms);

/* Reads the processes that still run for adapters which the configuration no longer has. False past the last. */
bool children_removed_read(const struct children *, size_t index, struct child_row *);

/* Tells the adapters' processes that served an earlier gcxvm of this state folder to begin nothing new and to end with
 * their last conversations, as another gcxvm leads. A gcxvm that leads later takes back those that still have some. */
void children_left_end(const struct conf *, const struct log *);

bool children_read(const struct children *, size_t index, struct child_row *);

/* Asks the plugin about the adapter's settings, in a process of its own, because it may crash: the lines of look.h,
 * which the caller frees. `input`: a file with the names of the site, about which it is asked, too; -1: none. The
 * process's exit code; -1: it was ended by a signal or never began. */
int children_ask(const struct conf *, const struct conf_adapter *, int input, char **text);
