/* runtime/debugger/show.h - Shows the state where a play is stopped: line, variables, data, callers, queues, agents.
 *
 * These functions read the core and the VM's stack and change neither. Texts are made safe by base/shown.h, and
 * secrets are stars, unless `reveals` says that gcxvm has noted who looks. */
#pragma once

#include "runtime/debugger/debugger.h"

void show_place(struct debugger *); /* shows the source line of the present moment */
/* Shows lines of a source file from `first` to `last`, with a mark at line `here`. */
void show_lines(const struct image *, struct text path, uint32_t first, uint32_t last, uint32_t here);
/* shows the lines around this one; 0: those after the lines shown last */
void show_source(struct debugger *, uint32_t line);
void show_source_of(struct debugger *, const char *file, uint32_t line); /* the lines around this one */
void show_line(struct debugger *, uint64_t at_us, const char *component, const char *text); /* of the timeline */
void show_timeline(struct debugger *, uint32_t last);       /* shows the last so many lines of the timeline; 0: all */
void show_timeline_of(struct debugger *, const char *word); /* shows the lines of the timeline that have the word */
void show_backtrace(struct debugger *);
void show_locals(struct debugger *);
void show_data(struct debugger *);
/* Calls `each` with each pair of user data, as text. False: there is no interaction at this moment. */
bool show_each_datum(struct debugger *, void (*each)(void *self, const char *key, const char *value), void *self);
/* Returns the number of an interaction as people see it. */
uint64_t show_number(uint64_t interaction);
/* Returns the interaction looked at: the running one or the one asked for, else the first live one; 0: none. */
uint64_t show_looked_at(const struct debugger *);
void show_block(struct debugger *);
void show_fibers(struct debugger *);
void show_interactions(struct debugger *);
void show_queues(struct debugger *);
void show_agents(struct debugger *);
void show_disassembly(struct debugger *);
/* Writes the value of a variable, a key or an attribute as text. False: nothing here has that name. */
bool show_named(struct debugger *, const char *name, char *text, size_t size);
/* Where the words of values are stored, and what knows the names of agents (NULL: nothing does). */
struct values {
    const struct image *image;
    const struct block *block;
    const struct vm *vm;
};
/* returns what show_literal() needs to write values of the running slice */
struct values values_here(const struct debugger *);
/* Writes a value as the language writes it. False: the value has no literal in the language, such as an agent or a
 * secret. */
bool show_literal(const struct values *, uint16_t type, uint64_t word, FILE *out);
/* One variable of the selected frame. `secret`: the value must not be shown. */
struct shown_variable {
    struct text name;
    uint16_t type;
    uint64_t word;
    bool secret;
};
void show_variables(struct debugger *, void (*each)(void *self, const struct shown_variable *), void *self);
void show_variable(const struct debugger *, const struct shown_variable *, FILE *out);

/* waits.c. Shows for each waiting interaction which agents it waits for, and why each agent does not get it. `only`:
 * one interaction; 0: all. `agent`: only this agent; "": all agents. Not to be called while a strategy runs. */
void waits_why(struct debugger *, uint64_t only, const char *agent);
/* Called before time goes on to `next_us`: notes why the interactions whose time for waiting is over then are not
 * served, so that `why` can say it at the exit of their selection. waits_end() forgets these notes. */
void waits_last(struct debugger *, uint64_t next_us);
void waits_end(struct debugger *);
/* The following show facts about the interaction looked at: */
void waits_candidates(struct debugger *);
void waits_place(struct debugger *);
void waits_timers(struct debugger *); /* shows all timers that are set, sorted by time */

/* flow.c: shows the flow of a strategy with the path taken so far. `file` "": prints the path as text. Otherwise draws
 * the flow into that file: .svg, .dot or .mmd (Mermaid), by the end of the name. */
void flow_show(struct debugger *, const char *file);
/* lanes.c: returns an SVG of everything that has happened so far, malloc'ed. */
char *lanes_draw(struct debugger *, size_t *length);
