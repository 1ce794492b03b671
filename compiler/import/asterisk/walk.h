/* compiler/import/asterisk/walk.h - For the files that make a flow of the dialplan: the flow under way.
 *
 * The floors, from below: said.c (values and conditions), walk.c (blocks and ways), queues.c, applications.c,
 * context.c. A flow is walked several
 * times, until it is known which variables are lost: only the last time counts. */
#pragma once

#include "compiler/import/asterisk/plan.h"
#include "compiler/import/writer.h"

enum { WALK_BLOCKS = 4000, WALK_FRAMES = 8, WALK_ARGUMENTS = 40, WALK_ROUNDS = 20, WALK_ALL = 100000 };

struct walk_variable {
    const char *name, *ident;
    const char *initial; /* its value at first, without quotes */
    bool lost;           /* something sets it that is not translated */
    bool set, read;
    bool bare;  /* whatever it is set to may stand in $[ ] without quotes: a word, a number, or nothing */
    bool whole; /* likewise, and it is a whole number or nothing */
    struct walk_variable *next;
};

/* A Gosub or Macro under way. */
struct walk_frame {
    struct plan_step *back; /* where it returns to; NULL: nothing follows */
    struct walk_frame *outer;
    unsigned depth, arguments;
    const char *literals[WALK_ARGUMENTS]; /* the arguments that are written there; NULL: one is computed */
    bool macro;
};

struct walk_node {
    struct plan_step *step;
    struct walk_frame *frame;
    const char *application, *arguments; /* in place of the step's, for ExecIf; NULL: the step's */
    uint32_t next;                       /* where it goes on then */
};

struct asterisk_queue;

struct walk {
    struct importer *import;
    struct arena *arena;
    struct dialplan *plan;
    struct asterisk_queue *queues;
    struct flow *flow;
    struct flow_block **blocks; /* each by itself, since blocks come while one is written */
    struct walk_node *nodes;
    uint32_t count, room;
    struct flow_names numbers; /* of the blocks, by node */
    struct flow_names variables;
    struct walk_variable *first, **end;
    struct flow_names taken; /* names in gcx */
    bool settled, full;      /* settled: what is not set now never is; full: there are too many blocks */
    bool opaque;             /* a program outside may set any variable */
    bool changed;
    bool likeness; /* the module asterisk is needed */
    bool patterns; /* the flow needs the variable `exten` */
};

/* ---- said.c ---- */
struct walk_said {
    bool good;
    bool constant;     /* without variables */
    bool bare;         /* it may stand in $[ ] without quotes */
    bool whole;        /* it is a whole number, or what cannot stand in $[ ] without quotes */
    const char *text;  /* an expression of type str */
    const char *plain; /* the text itself where it is constant */
    const char *why;   /* why it is not translated */
};
struct walk_variable *walk_variable(struct walk *, const char *name);
/* Returns the value of a text with ${...} and $[...]. */
struct walk_said walk_value(struct walk *, const struct walk_node *, const char *text);
/* Returns a condition as GotoIf reads it; NULL, with the reason: it is not translated. */
const char *walk_condition(struct walk *, const struct walk_node *, const char *text, const char **why);
/* Writes an assignment; without a good value the variable is lost. */
void walk_set(struct walk *, struct flow_block *, const char *name, struct walk_said);
/* Divides the text at the commas outside of brackets and quotes; returns how many parts there are. */
unsigned walk_parts(struct arena *, const char *text, char separator, const char **parts, unsigned most);
/* Reads a whole number of seconds or more; false: it is none. */
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
/* Returns the number of the block of the step; FLOW_NOWHERE for no step, or where there are too many. */
uint32_t walk_block(struct walk *, struct plan_step *, struct walk_frame *);
/* Returns the number of a block that does another application at this step, and then goes on at `next`. */
uint32_t walk_instead(struct walk *, const struct walk_node *, const char *application, const char *arguments,
                      uint32_t next);
/* Returns the block behind this one; FLOW_NOWHERE: the call ends there. */
uint32_t walk_next(struct walk *, struct flow_block *, const struct walk_node *);
/* Returns the number of the block behind the Gosub or Macro of the node. */
uint32_t walk_back(struct walk *, const struct walk_node *);
/* Writes how the block goes on: a jump as a statement in braces, the last statement, or the `else` of a step. */
void walk_way(struct flow_block *, const char *exit, uint32_t to);
void walk_fall(struct flow_block *, const char *exit, uint32_t to);
void walk_else(struct flow_block *, const char *exit, uint32_t to);
/* Writes the jump to a number's extension in the context, or where nobody has it, the jump to `other`. */
void walk_enter(struct walk *, struct flow_block *, struct plan_extension *, const char *number, struct walk_frame *);
/* Finds [[context,]extension,]priority; false with the reason. *enters: the number that its pattern takes, or NULL. */
bool walk_label(struct walk *, const struct walk_node *, const char *label, struct plan_step **, const char **enters,
                const char **why);
