/* runtime/debugger/stops.h - Breakpoints: where a play stops, and under which condition.
 *
 * They belong to the debugger and outlast its plays. */
#pragma once

#include "runtime/debugger/debugger.h"

enum break_kind { AT_LINE, AT_FUNCTION, AT_STEP, AT_EXIT, AT_EVENT, AT_CHANGE, AT_AGENT };

/* Stops at moments at which no line begins. */
struct happens {
    enum happens_what { HAPPENS_STEP, HAPPENS_EXIT, HAPPENS_EVENT } what;
    const char *name; /* name of the step, the exit's code, or the message */
};

/* Adds one, as the user wrote it behind `break`; says what is wrong with it, or with its condition. */
void stops_add(struct debugger *, const char *text, bool once);
struct stop_terms {
    const char *condition; /* "": none */
    const char *log;       /* not "": this is told, with the values of the expressions in braces, and nothing stops */
    uint64_t ignored;      /* how often it is passed before it stops */
};
/* Stops before the line of that file of the program, or the next at which something begins: `*line` becomes that one.
 * False: `why` not. */
bool stops_add_line(struct debugger *, const char *file, uint32_t *line, const struct stop_terms *, char *why,
                    size_t size);
void stops_delete_lines(struct debugger *, const char *file); /* removes the breakpoints at lines of this file */
void stops_delete_kind(struct debugger *, enum break_kind);
void stops_log(struct debugger *, const char *text);              /* carries out the command dprintf */
void stops_ignore(struct debugger *, const char *arguments);      /* carries out the command ignore */
void stops_watch(struct debugger *, const char *text, bool once); /* NAME [if EXPRESSION] */
void stops_delete(struct debugger *, const char *number);         /* "": all */
void stops_show(struct debugger *);
/* Does a breakpoint want to stop here? `why` is what the user is told then. */
bool stops_hit(struct debugger *, const struct happens *, char *why, size_t size);
/* The place where code begins at which one of them stops, as function * 65,536 + instruction, in no order; how many, of
 * which at most `room` are there. At an exit that is where the strategy goes on when the step fails; at a change,
 * behind each instruction that may set it. Breakpoints at events and agents' states are at no place: `*elsewhere` is
 * how many. */
size_t stops_places(const struct debugger *, uint32_t *places, size_t room, size_t *elsewhere);
/* As stops_hit(), for breakpoints at events and agents' states alone. `what` NULL: agents' states. */
bool stops_seen(struct debugger *, const struct happens *what, char *why, size_t size);
void stops_begin(struct debugger *); /* a new play: what is watched has no value yet */
void stops_look(struct debugger *);  /* notes the present values of what is watched */
/* Does a breakpoint wait for a change? To find a change, all moments before have to be looked at. */
bool stops_change(const struct debugger *);
void stops_free(struct debugger *);
