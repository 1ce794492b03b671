/* runtime/debugger/show.h - The view where a play stands: the line, variables, data, callers, queues, agents.
 *
 * It reads the core and the VM's stack and changes neither. Each text passes base/shown.h, and secrets are stars,
 * but while `reveals` says that gcxvm has noted who looks. */
#pragma once

#include "runtime/debugger/debugger.h"

void show_place(struct debugger *); /* the line at which it stands */
/* Lines of a source file from `first` to `last`, with a mark at the one that is `here`. */
void show_lines(const struct image *, struct text path, uint32_t first, uint32_t last, uint32_t here);
void show_source(struct debugger *, uint32_t line); /* the lines around it; 0: the lines after those shown last */
void show_line(struct debugger *, uint64_t at_us, const char *component, const char *text); /* of the timeline */
void show_timeline(struct debugger *, uint32_t last); /* its last lines; 0: all of them */
void show_backtrace(struct debugger *);
void show_locals(struct debugger *);
void show_data(struct debugger *);
/* Calls `each` with each pair of user data, as text. False: there is no interaction at this moment. */
bool show_each_datum(struct debugger *, void (*each)(void *self, const char *key, const char *value), void *self);
/* The number of an interaction as people see it. */
uint64_t show_number(uint64_t interaction);
/* The interaction that is looked at: the one that runs or was asked for, else the first that lives; 0: none. */
uint64_t show_looked_at(const struct debugger *);
void show_block(struct debugger *);
void show_fibers(struct debugger *);
void show_interactions(struct debugger *);
void show_queues(struct debugger *);
void show_agents(struct debugger *);
void show_disassembly(struct debugger *);
/* The value of a variable, a key or an attribute. False: nothing here has that name. */
bool show_named(struct debugger *, const char *name, char *text, size_t size);
/* The place where words lie, and who knows the names of agents (NULL: nobody). */
struct values {
    const struct image *image;
    const struct block *block;
    const struct vm *vm;
};
struct values values_here(const struct debugger *); /* of the slice that runs */
/* A value as the language writes it. False: that is no expression of the language, such as an agent or a secret. */
bool show_literal(const struct values *, uint16_t type, uint64_t word, FILE *out);
/* The variables of the frame that is looked at. `secret`: the value is not to be shown. */
struct shown_variable {
    struct text name;
    uint16_t type;
    uint64_t word;
    bool secret;
};
void show_variables(struct debugger *, void (*each)(void *self, const struct shown_variable *), void *self);
void show_variable(const struct debugger *, const struct shown_variable *, FILE *out);

/* waits.c. Shows for each interaction that waits which agents it waits for, and what keeps each agent from it. `only`:
 * one interaction; 0: all. `agent`: this one alone; "": all. Not while a strategy runs. */
void waits_why(struct debugger *, uint64_t only, const char *agent);
/* About the interaction looked at: */
void waits_candidates(struct debugger *);
void waits_place(struct debugger *);
void waits_timers(struct debugger *); /* all timers that are set, by their time */

/* flow.c: the flow of a strategy with the way taken so far. "": shows the way in words. Else draws it into that file:
 * .svg, .dot or .mmd (Mermaid), by the end of its name. */
void flow_show(struct debugger *, const char *file);
/* lanes.c: SVG of what has happened so far, malloc'ed. */
char *lanes_draw(struct debugger *, size_t *length);
