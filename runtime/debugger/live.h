/* runtime/debugger/live.h - Debugs one interaction of a running gcxvm: gcxvm stops the interaction, and its state is
 * looked at here.
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

/* The front end is asked while the interaction continues: shall it be stopped, or left? NULL: the front end does not
 * listen, and Ctrl-C stops the interaction. The debugger is NULL before an interaction was found. */
enum live_wish { LIVE_WISH_NOTHING, LIVE_WISH_PAUSE, LIVE_WISH_LEAVE };
typedef enum live_wish live_listen(struct debugger *);

struct live {
    FILE *stream; /* the admin socket; NULL: the connection has ended */
    live_listen *listen;
    char path[LIVE_TEXT];
    uint64_t client; /* gcxvm's number for this client */
    char state[1024];
    char reader[32];    /* our entry among the readers of the journal (readers.h); "": none */
    uint64_t read_at_s; /* when we last renewed that entry */
    struct past *past;
    /* Numbers of moments. The interaction has continued past `gone`. If `edge` is higher than `gone`, the interaction
     * is stopped at `edge`. `last` is its last moment. */
    uint64_t gone, edge, last;
    bool shown, told_over, waiting;
    const char *exit; /* exit by which a step has failed, until the next instruction runs */
    unsigned exit_age;
    bool told_elsewhere;
    enum going going; /* the command by which the interaction continues now, and its starting place */
    struct fiber_place from;
    uint32_t *steps;
    size_t step_count;
    struct set_value { /* a value that was set since the interaction stopped */
        char name[LIVE_TEXT], value[LIVE_TEXT];
    } sets[LIVE_SETS];
    size_t set_count;
};

struct happens;

struct live_terms {
    const char *path; /* the admin socket */
    const char *name; /* the interaction or ConnID; NULL: the next one that comes to `at` */
    const char *at, *when;
    uint64_t one_in;
    uint64_t bound_s;       /* seconds for which gcxvm keeps the interaction stopped; 0: gcxvm's default */
    struct sources sources; /* how a condition is compiled; the image names the paths */
    live_listen *listen;
};

/* Connects, asks where the journal is, and keeps gcxvm from pruning any of it. False: a message has said why not. */
bool live_open(struct live *, const struct live_terms *);
/* Asks for the interaction, now that the journal is open, and keeps gcxvm from pruning only the part that is needed.
 * False: a message has said why not. */
bool live_begin(struct live *, const struct live_terms *, struct past *);
/* Waits until gcxvm holds an interaction, and returns it. 0: there will be none, and a message has said why. */
uint64_t live_found(struct live *, struct past *);
void live_close(struct live *);

/* Is the present moment the one at which gcxvm keeps the interaction stopped? */
bool live_at_edge(const struct debugger *);
/* Lets the interaction continue. False: a message has said why not. */
bool live_go(struct debugger *, enum going);
/* Carries out the command `set`: NAME = EXPRESSION. */
void live_set(struct debugger *, const char *arguments);
/* Carries out the command `reveal`: shows a secret once gcxvm has noted who looks. */
void live_reveal(struct debugger *, const char *name);
/* Returns the value that was set under this name since the interaction stopped; the journal has it only when the
 * interaction continues. */
const char *live_value(const struct live *, const char *name);

/* For the debugger: notes a moment; lets the interaction continue from a place where it is not to stop (a condition
 * is false); waits for news at the end of the journal. */
void live_moment(struct live *, const struct debugger *);
bool live_passes(struct live *, struct debugger *, char *why, size_t size);
/* Handles an event while the interaction continues. Only this side knows breakpoints at events and agents' states;
 * when one is reached, gcxvm is asked to stop the interaction. `what` NULL: time has passed. */
void live_sees(struct live *, struct debugger *, const struct happens *what);
/* Notes that a step has failed by the given exit; and that an instruction comes. */
void live_fails(struct live *, const char *exit);
void live_instruction(struct live *);
enum live_news { LIVE_MORE, LIVE_WAITS, LIVE_OVER, LIVE_LEFT };
enum live_news live_wait(struct live *, struct debugger *);

/* armed.c: compiles for gcxvm the condition under which an interaction is to be stopped. */
/* In which form the expression is sent. ARMED_WORDS: the sources are not here, so gcxvm interprets the text itself,
 * which then may contain only comparisons. ARMED_WRONG: the expression cannot be sent, for the reason in `why`. */
enum armed { ARMED_WRONG, ARMED_WORDS, ARMED_IMAGE };

/* Compiles the image that serves the routing point at the end of the journal with the condition added, using those
 * native libraries; `*image` is in base64, malloc'ed. */
enum armed armed_compile(const struct past *, const struct sources *, const char *point, const char *expression,
                         char **image, char *why, size_t size);
