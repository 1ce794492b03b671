/* compiler/import/writer.h - Shared by the files that write gcx: the import, the flow at hand, and how an expression is
 * said.
 *
 * Flows are written several times, until what is known of the types of variables does not change any more; only the
 * last time counts. Before each time every block is written once for nothing but the ways that it goes (writer->ways):
 * so the order of the blocks (shape.h) follows from what is written, and never from a second opinion. */
#pragma once

#include <stdio.h>

#include "compiler/import/flow.h"
#include "compiler/import/script.h"
#include "compiler/import/shape.h"

enum said_type { SAID_UNKNOWN, SAID_STR, SAID_INT, SAID_FLOAT, SAID_BOOL, SAID_VALUE, SAID_MAP };

struct import_said {
    bool good; /* else the source's expression is none that is translated */
    enum said_type type;
    const char *text;
    const char *within;         /* of a text that is written out: what stands between its quotes; else NULL */
    struct import_variable *of; /* the variable that it is; else NULL */
    bool truth;          /* a || b of no BOOLs: right as a condition alone, for as a value it is one of the two */
    bool maybe;          /* it may be undefined, null or NaN there, which is the type's own nothing here */
    bool odd;            /* a value that may be null there, or true, a fraction, a list, and none of these here */
    bool blank;          /* one that may be an empty text here where it is undefined there */
    bool mixed;          /* a text that may be a number there */
    bool narrow;         /* a text of the importer's own knowledge: nothing beyond U+FFFF is in it, nor U+FFFD */
    bool cut;            /* a text that may have half of a wider character there, which is U+FFFD here */
    const char *perhaps; /* of such a number: the same as a float that is none then; else NULL */
};

struct import_variable {
    const char *name, *ident;
    enum said_type type;
    const char *initial; /* an expression of the source; NULL: none */
    const char *doc;
    struct import_variable *of; /* the project's, as which it begins; else NULL */
    bool project, needed;       /* of all flows: a parameter of the site, where a flow reads it */
    bool decides;               /* such a one, for a condition that is not translated: none until the site sets it */
    bool assigned, seconds, fixed /* its type does not change */;
    bool maybe;      /* it may be undefined, null or NaN there */
    bool odd, blank; /* its value may be odd, or blank (struct import_said) */
    bool mixed;      /* a text that may be a number there */
    bool wide;       /* a text that is not narrow (struct import_said) */
    bool cut;        /* its text may be cut (struct import_said) */
    bool lost;       /* something sets it that is not translated: whoever reads it is not translated either */
    unsigned used;   /* 1 << enum written_in */
    struct import_variable *next;
};

struct site_name { /* what the site declares */
    const char *kind, *name, *doc;
    struct site_name *next;
};

/* Names that are taken, and what stands behind each. */
struct flow_names {
    struct name_slot {
        const char *name;
        void *what;
        unsigned numbered; /* how many name_fresh() has told apart from it by a number */
    } * slots;
    size_t room, count;
};

struct importer {
    struct arena *arena;
    struct xml_node *trees; /* of all files: flows have their texts from them */
    struct flow *flows, **flows_end;
    struct import_problem { /* a file that could not be read */
        const char *path, *why;
        struct import_problem *next;
    } * problems, **problems_end;
    struct import_text {
        const char *name;
        char *text;
        struct import_text *next;
    } * files, **files_end;
    struct flow_names names; /* of strategies, subroutines, parameters */
    struct flow_names endpoints;
    struct flow_names site_names; /* "kind name": struct site_name */
    struct site_name *site, **site_end;
    struct flow_names lost;         /* keys of attached data that are set by what is not translated; "": whichever */
    struct flow_names blanks, odds; /* keys, likewise, whose values may be so (struct import_said) */
    struct flow_names project;      /* struct import_variable */
    struct import_variable *project_first, **project_end;
    struct flow_names modules; /* of which something is called */
    bool cuts;                 /* attached data may be cut (struct import_said) */
    bool changed;              /* a type has become known: it is written once more */
    bool settled;              /* all types are known: what is not translated now is lost */
    unsigned round, searches;
};

enum written_in { IN_BODY, IN_ABANDONED, IN_ERROR, IN_BUSY };

/* A value of which a member is read. */
struct import_guard {
    const char *text;
    struct import_guard *next;
};

struct flow_writer {
    struct importer *import;
    struct arena *arena;
    struct flow *flow;
    FILE *out;
    struct flow_names variables, idents;
    struct import_variable *first, **end;
    struct flow_names modules; /* of the standard library */
    enum written_in in;
    bool linear;    /* within a handler or busy block: whatever a block decides, the next line follows */
    unsigned depth; /* of such within each other */
    bool reads;     /* a variable has been asked for */
    struct flow_block *block;
    /* The place of the block: */
    struct shape *shape;
    uint32_t index;
    struct shape_place *places;
    bool *labelled;              /* of each block: it is jumped to */
    bool *silent;                /* of each block: it says nothing; a jump to it is one to what stands next */
    bool *again, *loop_labelled; /* of each loop: its next round is, it itself is */
    /* The ways of a block, while they are looked for; NULL: they are known. */
    uint32_t *ways, way_count, way_room;
    bool ends;                       /* and whether it may end the strategy other than by a failure */
    bool subroutine, chosen, forced; /* chosen, forced: a routing that waits for the exit */
    struct flow_names defaults;      /* texts of `fail` that mean the default destination, and no error */
    struct flow_names objects;       /* of a script: objects that become attached data */
    uint32_t script_to;              /* where `return` of a script leads */
    struct import_guard *guards;     /* of the expressions that were said last */
    unsigned guarded;                /* statements that have been written with a way out by import_write_guards() */
};

/* The key under which a subroutine returns that the caller is to be hung up on: no variable is called so. */
#define FLOW_HANGS_UP "\"hangs up\""

/* ---- names.c ---- */
void *flow_names_find(const struct flow_names *, const char *name);
bool flow_names_add(struct arena *, struct flow_names *, const char *name, void *what); /* false: it is taken */
/* The same, and taken by nobody in `names` (which may be NULL) before. */
const char *name_fresh(struct arena *, struct flow_names *, const struct flow_names *other, const char *name);
/* Functions and constants of a module that flows may import: what is called so in a flow would hide them. */
void names_of_module(struct importer *, const char *text);
/* As a label of the site: a word, or quoted. */
const char *name_label(struct arena *, const char *name);
const char *name_quoted(struct arena *, const char *text, bool whole); /* as a text; without its quotes, not `whole` */
/* One line of a remark: nothing in it ends it. */
void import_remark_line(FILE *, const char *before, const char *text);
void import_doc_line(FILE *, const char *text); /* the same, of what documents a declaration */
/* Declares it in the site; its label. */
const char *site_declare(struct importer *, const char *kind, const char *name, const char *doc);
void import_declare_endpoint(struct importer *, const char *name, const char *declaration);

/* ---- expression.c ---- */
struct import_said expression_said(struct flow_writer *, const struct script *);
struct import_said expression_text(struct flow_writer *, const char *source); /* of its text */
/* As that type; NULL: it cannot be. */
const char *said_as(struct flow_writer *, struct import_said, enum said_type);
const char *said_key(struct flow_writer *, struct import_said); /* as the name of a member */
const char *said_condition(struct flow_writer *, struct import_said);
/* As ECMAScript writes it as a text; NULL: it cannot be said. */
const char *said_shown(struct flow_writer *, struct import_said);
/* Before a statement whose expressions have been said: an error there is one here. */
void import_write_guards(struct flow_writer *);
bool said_is_none(struct import_said); /* undefined, null */
const char *said_default(enum said_type);
struct import_said said_literal(struct flow_writer *, const char *text);
/* The variable of that name, made where it is not there and `make`. */
struct import_variable *flow_variable_named(struct flow_writer *, const char *name, bool make);
struct import_variable *flow_variable_set(struct flow_writer *, const char *name); /* of that name: the flow sets it */
/* A variable of the project, _data.NAME. */
struct import_variable *import_project_variable(struct importer *, const char *name);
void variable_becomes(struct flow_writer *, struct import_variable *, enum said_type);
void variable_may_be(struct flow_writer *, struct import_variable *,
                     struct import_said); /* as much as that value may be */
/* A statement that sets it is not translated, so no expression that reads it may be. */
void variable_lose(struct flow_writer *, struct import_variable *);
void import_data_lose(struct flow_writer *, const char *key); /* a key of attached data, as gcx quotes it; "": any */
void import_data_attached(struct flow_writer *, const char *key, struct import_said);
const char *variable_used(struct flow_writer *, struct import_variable *); /* its name in gcx */
/* A name that the platform gives its value. */
bool name_is_platform(const char *path);
/* a.b[c] as one text, [] for what is no text; NULL: it is none. */
const char *import_script_path(struct arena *, const struct script *);
/* The key of attached data that it is, as an expression of gcx; NULL: it is none. */
const char *expression_user_data(struct flow_writer *, const struct script *);
void flow_needs_module(struct flow_writer *, const char *name);

/* ---- statements.c ---- */
/* Sets what the source calls so; false: it is not translated, and lost. */
bool import_write_set(struct flow_writer *, const struct script *target, struct import_said);
/* Attaches it; false: it is not translated, and the key is lost. `key` NULL: it cannot be said. */
bool import_write_attach(struct flow_writer *, const char *key, struct import_said);
/* The statements; false: some stand there as remarks only. *any: something is translated. *ended: what follows is not
 * reached. */
bool import_write_script(struct flow_writer *, const char *text, bool *any, bool *ended);

/* ---- ways.c, blocks.c ---- */
void import_write_block(struct flow_writer *, struct flow_block *);
void import_remark(struct flow_writer *, struct flow_block *, enum flow_grade, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The statements that lead to a block, "" where it is the next line and that is allowed (not `must`). */
const char *way_to(struct flow_writer *, uint32_t block, bool must);
/* The same of a place that is known; `turns` stands before it. */
const char *way_place(struct flow_writer *, struct shape_place, const char *turns);
/* An end for what goes nowhere. */
const char *way_end(struct flow_writer *, const char *why);
const char *way_else(struct flow_writer *, uint32_t block, bool must); /* as the else of a step */
/* To the default destination: no error, so that `on error` passes it by. */
const char *way_default(struct flow_writer *, const char *why);
const char *way_error(struct flow_writer *); /* where an error of the block leads */
/* How a step goes on when it fails: to the block of the source, or, where that says nothing, to `on error`. */
const char *block_else(struct flow_writer *, const struct flow_block *, bool must);
/* Goes on by the exit. */
void block_on(struct flow_writer *, const struct flow_block *, const char *exit);
/* The text or expression under the name; false where it says nothing. */
bool block_said(struct flow_writer *, const struct flow_value *, const char *name, struct import_said *);
/* A text that one flow hands to another, as the type of the variable that it was or becomes. */
struct import_said said_passed(struct flow_writer *, const char *text, enum said_type);
/* A length of time that the source says in seconds. */
const char *block_seconds(struct flow_writer *, const struct flow_value *, const char *name, const char *other);
/* A name of the writer's own for the block. */
const char *block_ident(struct flow_writer *, struct flow_block *, const char *tail);
/* Sets the variable that the property names. */
void block_result(struct flow_writer *, struct flow_block *, const char *property, struct import_said);
bool flow_is_mail(const struct flow *); /* it does what only strategies on e-mail do */
/* The flow that the block plays or calls, of those that are imported; NULL: none. */
struct flow *import_called_flow(struct importer *, const struct flow *from, const struct flow_block *block);

/* ---- heard.c ---- */
void import_write_prompt_block(struct flow_writer *, struct flow_block *);
void import_write_sound_block(struct flow_writer *, struct flow_block *);
void import_write_digits_block(struct flow_writer *, struct flow_block *);
void import_write_menu_block(struct flow_writer *, struct flow_block *);
void import_write_record_block(struct flow_writer *, struct flow_block *);

/* ---- target.c ---- */
void import_write_target_block(struct flow_writer *, struct flow_block *);

/* ---- site.c ---- */
void site_modules(struct importer *); /* takes the names of modules and of what they declare */
/* The type of what .projectvars says; SAID_UNKNOWN: it is no literal. */
enum said_type site_initial_type(struct importer *, const char *initial);
void import_write_site(struct importer *);

/* ---- drawing.c ---- */
void import_write_drawing(struct importer *, const struct flow *);

/* ---- tests.c ---- */
void import_write_tests(struct importer *, struct flow *);

/* ---- report.c ---- */
void import_write_report(struct importer *);

/* ---- import.c ---- */
void import_file_add(struct importer *, const char *name,
                     char *text); /* which is malloc'ed, and its own from then on */

/* ---- write.c ---- */
void write_flow(struct importer *, struct flow *, bool last);
void write_linear(struct flow_writer *, uint32_t from, uint32_t until, enum written_in);
