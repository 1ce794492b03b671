/* runtime/daemon/links/children.h - The adapters' processes: each configured adapter that is not remote runs as
 * `gcxvm --adapter PLUGIN`.
 *
 * Owns the processes, their timers and their restarts. An adapter that ends is started again after a pause, which
 * doubles each time up to a bound; after its link has been up for a while, the pause begins again at the shortest.
 * While the link's grace runs the pause is at most a third of the remaining grace, because calls that wait at the
 * link are lost when the grace is over. An adapter that runs too long without a link hangs, and is killed.
 *
 * Adapters outlive a gcxvm that dies, and calls at the switch then go to their default destinations; the next gcxvm
 * takes back the adapters that still run. children_stop() asks all adapters to end; a process that has
 * conversations, such as an exchange with calls, goes on as after a crash. An adapter that is taken back with other
 * settings, or an older program, serves until it has no conversation, and is then replaced by a new process.
 * Everything runs on the loop's thread. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/site/conf.h"

struct children;
struct event_base;

struct child_row {
    const char *name;
    pid_t pid; /* 0: the process does not run, and waits for its next start */
    unsigned restarts;
    uint64_t renewed_us; /* since when an older process serves only until it has no conversation; 0: there is none */
    /* the process was told to end, by a person or because its lock was moved, and begins nothing new */
    bool ends;
    unsigned held; /* number of its conversations */
};

/* `term` not 0: standbys follow this gcxvm, and one of them serves when this one dies. So the adapters of this gcxvm
 * end together with it, and show the term to peers that could otherwise still obey an earlier leader. */
struct children *children_new(struct event_base *, const struct conf *, const struct log *, uint64_t term);
void children_free(struct children *); /* frees the struct; processes that still run go on, as after a crash */

void children_start(struct children *);
/* Notes that the adapter's link is up or down; once it has been up for a while, the next pause is short again. */
void children_link(struct children *, const char *adapter, bool up);
/* Asks all adapters to end; `ended` is called when each of them has ended, goes on with its conversations, or was
 * killed because it did neither. An adapter that has conversations is not killed, however slow it is. */
void children_stop(struct children *, void (*ended)(void *self), void *self);

/* How long an adapter that has ended waits for its next start: its pause, but at most a third of what is left of its
 * link's grace (0: the grace is over), and at least the shortest pause. So the adapter can fail several times more
 * before the grace is over. */
uint64_t children_pause_ms(uint64_t back_off_ms, uint64_t shortest_ms, uint64_t grace_left_ms);

/* Reads the processes that still run for adapters which the configuration no longer has. False past the last. */
bool children_removed_read(const struct children *, size_t index, struct child_row *);

/* Tells the adapters' processes that served an earlier gcxvm of this state folder to begin nothing new and to end
 * after their last conversations, since another gcxvm leads. A gcxvm that leads later takes back the processes that
 * still have conversations. */
void children_left_end(const struct conf *, const struct log *);

bool children_read(const struct children *, size_t index, struct child_row *);

/* Asks the plugin about the adapter's settings, in a process of its own, because the plugin may crash: returns the
 * lines of look.h, which the caller frees. `input`: a file with the names of the site, to check the settings
 * against; -1: none. Also returns the process's exit code; -1: a signal ended it, or it never began. */
int children_ask(const struct conf *, const struct conf_adapter *, int input, char **text);
