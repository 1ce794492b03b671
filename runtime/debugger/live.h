/* runtime/debugger/live.h - One interaction of a running gcxvm: it stops there, and is looked at here.
 *
 * Requests go over gcxvm's admin socket: attach, go on up to some places, set, detach. The results are read in gcxvm's
 * journal, which is applied here to a core of our own (past.h): since that core is deterministic, the interaction stops
 * here before the same instruction, and can be looked at, backwards too, as in any replay.
 *
 *     gcxvm      runs ---- stands ------- runs ---- stands             asked by `go` with places
 *                   \         \              \         \
 *     journal     batch     batch          batch     batch             followed by past.h
 *                               \                        \
 *     here            moments .. edge (shown)     gone .. edge         `gone`: it went on from there
 *
 * While the connection is there, gcxvm keeps the interaction for us; when the connection ends, or the bound is over,
 * the interaction goes on. A reader's place (readers.h) keeps gcxvm from pruning what is looked at, until we end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/debugger/variant.h"

#include "runtime/debugger/debugger.h"

enum { LIVE_SETS = 32, LIVE_TEXT = 256 };

/* Asked of a front that listens while the interaction goes on: is it to be stopped, or left? NULL: it does not listen,
 * and Ctrl-C stops it. The debugger is NULL while an interaction is waited for. */
enum live_wish { LIVE_WISH_NOTHING, LIVE_WISH_PAUSE, LIVE_WISH_LEAVE };
typedef enum live_wish live_listen(struct debugger *);

struct live {
    FILE *stream; /* the admin socket; NULL: gone */
    live_listen *listen;
    char path[LIVE_TEXT];
    uint64_t client; /* gcxvm's number for this client */
    char state[1024];
    char reader[32];    /* our place among those who read the journal (readers.h); "": none */
    uint64_t read_at_s; /* when we wrote our place among the readers last */
    struct past *past;
    /* Moments: up to `gone` it has gone on; at `edge` it stands, where that is more; `last` is the last of its own. */
    uint64_t gone, edge, last;
    bool shown, told_over, waiting;
    const char *exit; /* exit by which a step has failed, until the instruction behind it runs */
    unsigned exit_age;
    bool told_elsewhere;
    enum going going; /* how it goes on now, and from where */
    struct fiber_place from;
    uint32_t *steps;
    size_t step_count;
    struct set_value { /* a value that was set since it stopped */
        char name[LIVE_TEXT], value[LIVE_TEXT];
    } sets[LIVE_SETS];
    size_t set_count;
};

struct happens;

struct live_terms {
    const char *path; /* the admin socket */
    const char *name; /* the interaction or ConnID; NULL: the next at: */
    const char *at, *when;
    uint64_t one_in;
    uint64_t bound_s;       /* seconds that gcxvm keeps the interaction stopped; 0: as long as gcxvm says */
    struct sources sources; /* without paths, which the image names: how a condition is compiled */
    live_listen *listen;
};

/* Connects, learns where the journal is, and keeps gcxvm from pruning any of it. False: the user was told why not. */
bool live_open(struct live *, const struct live_terms *);
/* Asks for the interaction, as the journal is open now, and keeps gcxvm from pruning only what is needed of it. False:
 * the user was told why not. */
bool live_begin(struct live *, const struct live_terms *, struct past *);
/* Waits until there is an interaction, and returns it. 0: there will be none, and the user was told why. */
uint64_t live_found(struct live *, struct past *);
void live_close(struct live *);

/* Is the present moment the one at which gcxvm keeps the interaction? */
bool live_at_edge(const struct debugger *);
/* Lets the interaction go on. False: the user was told why not. */
bool live_go(struct debugger *, enum going);
/* Carries out the command `set`: NAME = EXPRESSION. */
void live_set(struct debugger *, const char *arguments);
/* Carries out the command `reveal`: shows a secret once gcxvm has noted who looks. */
void live_reveal(struct debugger *, const char *name);
/* A value that was set since it stopped counts when it goes on: until then it is told from here. */
const char *live_value(const struct live *, const char *name);

/* For the debugger: a moment has come; it was stopped at a place where it is not to stand (a condition does not hold),
 * and goes on; and what is news when there is no more of the journal. */
void live_moment(struct live *, const struct debugger *);
bool live_passes(struct live *, struct debugger *, char *why, size_t size);
/* Something happens while it goes on. This side sees first that a breakpoint at an event or an agent's state is due;
 * gcxvm is asked to stop it then. `what` NULL: time has passed. */
void live_sees(struct live *, struct debugger *, const struct happens *what);
/* Note that a step has failed by this exit; and that an instruction comes. */
void live_fails(struct live *, const char *exit);
void live_instruction(struct live *);
enum live_news { LIVE_MORE, LIVE_WAITS, LIVE_OVER, LIVE_LEFT };
enum live_news live_wait(struct live *, struct debugger *);

/* armed.c: the condition of an interaction that somebody waits for, compiled for gcxvm. */
/* How an expression is sent. ARMED_WORDS: the sources are not here, and gcxvm reads the text itself, which then has to
 * be comparisons. ARMED_WRONG: `why` it cannot be. */
enum armed { ARMED_WRONG, ARMED_WORDS, ARMED_IMAGE };

/* Makes the image of the routing point as it is at the end of the journal, with those libraries of natives; `*image`:
 * in base64, malloc'ed. */
enum armed armed_compile(const struct past *, const struct sources *, const char *point, const char *expression,
                         char **image, char *why, size_t size);
