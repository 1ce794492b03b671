/* runtime/debugger/stops.h - Breakpoints: where a play stops, and under which condition.
 *
 * Breakpoints belong to the debugger and are kept across its plays. */
#pragma once

#include "runtime/debugger/debugger.h"

enum break_kind { AT_LINE, AT_FUNCTION, AT_STEP, AT_EXIT, AT_EVENT, AT_CHANGE, AT_AGENT, AT_TIME };

/* What happens at a moment at which no line begins. */
struct happens {
    enum happens_what { HAPPENS_STEP, HAPPENS_EXIT, HAPPENS_EVENT, HAPPENS_TIME } what;
    const char *name; /* name of the step, code of the exit, or name of the message */
};

/* Adds a breakpoint, as the user wrote it after `break`; prints what is wrong with it or with its condition. */
void stops_add(struct debugger *, const char *text, bool once);
struct stop_terms {
    const char *condition; /* "": none */
    const char *log;       /* not "": the text to print instead of stopping, with expressions in braces */
    uint64_t ignored;      /* how often the breakpoint is passed before it stops */
};
/* Adds a breakpoint before the line of that file, or before the next line with code: `*line` is set to the line
 * used. False: `why` not. */
bool stops_add_line(struct debugger *, const char *file, uint32_t *line, const struct stop_terms *, char *why,
                    size_t size);
void stops_delete_lines(struct debugger *, const char *file); /* removes the breakpoints at lines of this file */
void stops_delete_kind(struct debugger *, enum break_kind);
void stops_log(struct debugger *, const char *text);               /* carries out the command dprintf */
void stops_ignore(struct debugger *, const char *arguments);       /* carries out the command ignore */
void stops_watch(struct debugger *, const char *text, bool once);  /* NAME [if EXPRESSION] */
void stops_delete(struct debugger *, const char *number);          /* "": all */
void stops_able(struct debugger *, const char *number, bool able); /* "": all */
void stops_condition(struct debugger *, const char *arguments);    /* NUMBER [EXPRESSION] */
/* Reads the commands of a breakpoint from the prompt, up to the line `end`; "": of the newest one. */
void stops_commands(struct debugger *, const char *number);
/* Writes the breakpoints and displays into a file, as commands that set them again. */
void stops_save(struct debugger *, const char *file);
void stops_show(struct debugger *);
/* Finds the source and the line of LINE, FILE:LINE or a function, in the form that the command `list` has. False: the
 * program has no such place. */
bool stops_find(const struct debugger *, const char *where, char *file, size_t size, uint32_t *line);
/* Does a breakpoint stop the play here? `why` gets the message that is shown when one does. */
bool stops_hit(struct debugger *, const struct happens *, char *why, size_t size);
/* Collects the places in code at which a breakpoint stops, as function * 65,536 + instruction, unsorted; returns how
 * many there are, of which at most `room` are stored. For an exit these are the places where the strategy continues
 * when the step fails; for a change, those after each instruction that may set the name. Breakpoints at events and
 * agents' states have no place in code: `*elsewhere` is how many there are. */
size_t stops_places(const struct debugger *, uint32_t *places, size_t room, size_t *elsewhere);
/* As stops_hit(), for breakpoints at events and agents' states alone. `what` NULL: agents' states. */
bool stops_seen(struct debugger *, const struct happens *what, char *why, size_t size);
/* Goes to the next time behind the present one, and not behind `last_us`, at which a breakpoint stops the play, as
 * stops_hit(). False: no breakpoint stops it. The play is then at the last time whose breakpoint was passed over, if
 * there is one. */
bool stops_time(struct debugger *, uint64_t last_us, char *why, size_t size);
void stops_begin(struct debugger *); /* begins a new play: what is watched has no value yet */
void stops_look(struct debugger *);  /* notes the present values of all watched names */
/* Does any breakpoint wait for a change? To notice a change, all earlier moments have to be examined. */
bool stops_change(const struct debugger *);
void stops_free(struct debugger *);
