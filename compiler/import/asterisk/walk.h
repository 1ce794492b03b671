/* compiler/import/asterisk/walk.h - For the files that make a flow of the dialplan: the flow that is being made.
 *
 * The files, each calling only those before it: said.c (values and conditions), walk.c (blocks and jumps), queues.c,
 * applications.c, context.c. A flow is walked several times, until it is known which variables have lost their values:
 * only the last walk counts. */
#pragma once

#include "compiler/import/asterisk/plan.h"
#include "compiler/import/writer.h"

enum { WALK_BLOCKS = 4000, WALK_FRAMES = 8, WALK_ARGUMENTS = 40, WALK_ROUNDS = 20, WALK_ALL = 100000 };

struct walk_variable {
    const char *name, *ident;
    const char *initial; /* its first value, without quotes */
    bool lost;           /* a step sets it to a value that is not translated, so its value is unknown */
    bool set, read;
    bool bare;  /* each of its values may stand in $[ ] without quotes: a word, a number, or nothing */
    bool whole; /* each of its values is a whole number or nothing */
    struct walk_variable *next;
};

/* A Gosub or Macro that has not returned yet. */
struct walk_frame {
    struct plan_step *back; /* the step to which it returns; NULL: none */
    struct walk_frame *outer;
    unsigned depth, arguments;
    const char *literals[WALK_ARGUMENTS]; /* the arguments that are literals; NULL: the argument is computed */
    bool macro;
};

struct walk_node {
    struct plan_step *step;
    struct walk_frame *frame;
    /* for ExecIf: the application that runs in place of the step's; NULL: the step's own */
    const char *application, *arguments;
    uint32_t next; /* the block that follows */
};

struct asterisk_queue;

struct walk {
    struct importer *import;
    struct arena *arena;
    struct dialplan *plan;
    struct asterisk_queue *queues;
    struct flow *flow;
    struct flow_block **blocks; /* each block is allocated by itself, since blocks are added while one is written */
    struct walk_node *nodes;
    uint32_t count, room;
    struct flow_names numbers; /* the numbers of the blocks, by their nodes */
    struct flow_names variables;
    struct walk_variable *first, **end;
    struct flow_names taken; /* names in gcx */
    /* settled: a variable that no step has set so far is never set; full: there are too many blocks */
    bool settled, full;
    bool opaque; /* a program outside may set any variable */
    bool changed;
    bool likeness; /* the flow needs the module asterisk */
    bool patterns; /* the flow needs the variable `exten` */
};

/* ---- said.c ---- */
struct walk_said {
    bool good;
    bool constant;     /* without variables */
    bool bare;         /* the text may stand in $[ ] without quotes */
    bool whole;        /* the value is a whole number, or cannot stand in $[ ] without quotes */
    const char *text;  /* an expression of type str */
    const char *plain; /* the text itself where it is constant */
    const char *why;   /* the reason why the text is not translated */
};
struct walk_variable *walk_variable(struct walk *, const char *name);
/* Returns the value of a text with ${...} and $[...]. */
struct walk_said walk_value(struct walk *, const struct walk_node *, const char *text);
/* Returns a condition as GotoIf reads it; NULL, with the reason: it is not translated. */
const char *walk_condition(struct walk *, const struct walk_node *, const char *text, const char **why);
/* Writes an assignment; if the value is not good, the variable's value is unknown from then on. */
void walk_set(struct walk *, struct flow_block *, const char *name, struct walk_said);
/* Divides the text at each separator outside of brackets and quotes; returns how many parts there are. */
unsigned walk_parts(struct arena *, const char *text, char separator, const char **parts, unsigned most);
/* Reads a whole number up to `most`; false: the text is none. */
bool walk_number(const char *text, long long most, long long *number);

/* ---- queues.c ---- */
struct asterisk_queue *queues_read(struct importer *, const struct ini_file *files);
void queues_write(struct walk *, struct flow_block *, const struct walk_node *, uint32_t next);

/* ---- applications.c ---- */
void walk_write(struct walk *, struct flow_block *, const struct walk_node *);

/* ---- context.c ---- */
/* Makes the flow of a context that calls come to. */
void walk_flow(struct importer *, struct dialplan *, struct asterisk_queue *, struct plan_context *);

/* ---- walk.c ---- */
/* Adds a block; NULL: there are too many. */
struct flow_block *walk_added(struct walk *, const struct walk_node *, uint32_t *number);
/* Returns the number of the step's block; FLOW_NOWHERE: there is no step, or there are too many blocks. */
uint32_t walk_block(struct walk *, struct plan_step *, struct walk_frame *);
/* Returns the number of a block that runs another application for this step, and then continues at `next`. */
uint32_t walk_instead(struct walk *, const struct walk_node *, const char *application, const char *arguments,
                      uint32_t next);
/* Returns the block after this one; FLOW_NOWHERE: the call ends there. */
uint32_t walk_next(struct walk *, struct flow_block *, const struct walk_node *);
/* Returns the number of the block after the Gosub or Macro that the node is in. */
uint32_t walk_back(struct walk *, const struct walk_node *);
/* Writes the jump to the next block. */
void walk_on(struct flow_block *, enum given_form, const char *exit, uint32_t to);
/* Writes the jump to the number's extension in the context, or where the context has none, the jump to `other`. */
void walk_enter(struct walk *, struct flow_block *, struct plan_extension *, const char *number, struct walk_frame *);
/* Finds the step of [[context,]extension,]priority; false, with the reason, where there is none. *enters: the number
 * that the extension's pattern takes, or NULL. */
bool walk_label(struct walk *, const struct walk_node *, const char *label, struct plan_step **, const char **enters,
                const char **why);
