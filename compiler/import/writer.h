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
    bool good; /* the expression was translated; else it has a form that the importer cannot translate */
    enum said_type type;
    const char *text;
    const char *within;         /* for a literal text: the text between its quotes; else NULL */
    struct import_variable *of; /* the variable, where the expression is just a variable's name; else NULL */
    bool truth;  /* a || b of no BOOLs: right as a condition alone, for as a value it is one of the two */
    bool maybe;  /* in the source it may be undefined, null or NaN, for which the type's empty value stands in gcx */
    bool odd;    /* a value that may be null there, or true, a fraction, a list, and none of these here */
    bool blank;  /* one that may be an empty text here where it is undefined there */
    bool mixed;  /* a text in gcx that may be a number in the source */
    bool narrow; /* a text of the importer's own knowledge: nothing beyond U+FFFF is in it, nor U+FFFD */
    bool cut;    /* a text that may have half of a wider character there, which is U+FFFD here */
    const char *perhaps; /* of such a number: the same as a float that is none then; else NULL */
};

struct import_variable {
    const char *name, *ident;
    enum said_type type;
    const char *initial; /* the initial value, an expression of the source; NULL: none */
    const char *doc;
    struct import_variable *of; /* the variable of the project whose value it begins with; else NULL */
    bool project, needed;       /* of all flows: a parameter of the site, where a flow reads it */
    bool decides;               /* such a one, for a condition that is not translated: none until the site sets it */
    bool assigned, seconds, fixed /* fixed: its type does not change */;
    bool maybe;      /* it may be undefined, null or NaN there */
    bool odd, blank; /* its value may be odd, or blank (struct import_said) */
    bool mixed;      /* a text in gcx that may be a number in the source */
    bool wide;       /* a text that is not narrow (struct import_said) */
    bool cut;        /* its text may be cut (struct import_said) */
    bool lost; /* a statement that sets it is not translated, so expressions that read it are not translated either */
    unsigned used; /* 1 << enum written_in */
    struct import_variable *next;
};

struct site_name { /* a name that the site declares */
    const char *kind, *name, *doc;
    struct site_name *next;
};

/* A table of names that are taken, with the thing that has each name. */
struct flow_names {
    struct name_slot {
        const char *name;
        void *what;
        unsigned numbered; /* how many names name_fresh() has made of this one by adding a number */
    } * slots;
    size_t room, count;
};

struct importer {
    struct arena *arena;
    struct xml_node *trees; /* the trees of all files, which hold the texts of the flows */
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
    struct flow_names names; /* the names of strategies, subroutines and parameters */
    struct flow_names endpoints;
    struct flow_names site_names; /* "kind name": struct site_name */
    struct site_name *site, **site_end;
    struct flow_names lost;         /* keys of attached data that are set by what is not translated; "": whichever */
    struct flow_names blanks, odds; /* keys, likewise, whose values may be so (struct import_said) */
    struct flow_names project;      /* struct import_variable */
    struct import_variable *project_first, **project_end;
    struct flow_names modules; /* the modules of which a function is called */
    bool cuts;                 /* attached data may be cut (struct import_said) */
    bool changed;              /* a variable's type has become known, so the flows are written once more */
    bool settled;              /* all types are known: an expression that cannot be translated now is lost */
    unsigned round, searches;
};

enum written_in { IN_BODY, IN_ABANDONED, IN_ERROR, IN_BUSY };

/* A value of which a member is read, which is an error in the source where the value is none. */
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
    struct flow_names modules; /* the modules of the standard library that the flow imports */
    enum written_in in;
    bool linear;    /* within a handler or busy block: whatever a block decides, the next line follows */
    unsigned depth; /* how many handlers and busy blocks are nested here */
    bool reads;     /* a variable has been asked for */
    struct flow_block *block;
    /* The place of the block: */
    struct shape *shape;
    uint32_t index;
    struct shape_place *places;
    bool *labelled;              /* by block: a jump leads to it */
    bool *silent;                /* by block: no text is written for it; a jump to it leads to the block behind it */
    bool *again, *loop_labelled; /* by loop: a jump leads to its next round; to the loop itself */
    /* The ways of a block, while they are looked for; NULL: they are known. */
    uint32_t *ways, way_count, way_room;
    bool ends;                       /* the block may end the strategy other than by a failure */
    bool subroutine, chosen, forced; /* chosen, forced: a routing that waits for the exit */
    struct flow_names defaults;      /* the texts of `fail` that mean the default destination and no error */
    struct flow_names objects;       /* the objects of a script that become attached data */
    uint32_t script_to;              /* where `return` of a script leads */
    struct import_guard *guards;     /* the guards of the expressions that were translated last */
    unsigned guarded;                /* how many statements import_write_guards() has written with a way out */
};

/* The key under which a subroutine returns that the caller is to be hung up on: no variable is called so. */
#define FLOW_HANGS_UP "\"hangs up\""

/* ---- names.c ---- */
void *flow_names_find(const struct flow_names *, const char *name);
bool flow_names_add(struct arena *, struct flow_names *, const char *name, void *what); /* false: it is taken */
/* Adds a name, changed by a number where it or `other` (which may be NULL) has that name already; returns the name. */
const char *name_fresh(struct arena *, struct flow_names *, const struct flow_names *other, const char *name);
/* Functions and constants of a module that flows may import: what is called so in a flow would hide them. */
void names_of_module(struct importer *, const char *text);
/* Returns the name as a label of the site: a word, or quoted. */
const char *name_label(struct arena *, const char *name);
/* The name as a text of gcx; with its quotes if `whole`. */
const char *name_quoted(struct arena *, const char *text, bool whole);
/* Writes a remark of one line, whatever characters the text has. */
void import_remark_line(FILE *, const char *before, const char *text);
void import_doc_line(FILE *, const char *text); /* writes a line of documentation (///) likewise */
/* Declares a name in the site; returns its label. */
const char *site_declare(struct importer *, const char *kind, const char *name, const char *doc);
void import_declare_endpoint(struct importer *, const char *name, const char *declaration);

/* ---- expression.c ---- */
struct import_said expression_said(struct flow_writer *, const struct script *);
/* Translates an expression given as text. */
struct import_said expression_text(struct flow_writer *, const char *source);
/* Returns the expression's text as a value of that type; NULL: it cannot be converted. */
const char *said_as(struct flow_writer *, struct import_said, enum said_type);
const char *said_key(struct flow_writer *, struct import_said); /* the expression's text as a key of a map */
const char *said_condition(struct flow_writer *, struct import_said);
/* Returns an expression for the text that ECMAScript makes of the value; NULL: gcx has none. */
const char *said_shown(struct flow_writer *, struct import_said);
/* Writes, before a statement, checks of the values whose members its expressions read: an error in the source is so an
 * error in gcx. */
void import_write_guards(struct flow_writer *);
bool said_is_none(struct import_said); /* is it undefined or null? */
const char *said_default(enum said_type);
struct import_said said_literal(struct flow_writer *, const char *text);
/* Returns the variable of that name; where there is none, makes it if `make`, else returns NULL. */
struct import_variable *flow_variable_named(struct flow_writer *, const char *name, bool make);
/* Returns the variable of that name and notes that the flow sets it. */
struct import_variable *flow_variable_set(struct flow_writer *, const char *name);
/* Returns the project's variable _data.NAME. */
struct import_variable *import_project_variable(struct importer *, const char *name);
void variable_becomes(struct flow_writer *, struct import_variable *, enum said_type);
void variable_may_be(struct flow_writer *, struct import_variable *,
                     struct import_said); /* notes for the variable what that value may be (`maybe`, `odd` and so on) */
/* Notes that a statement that sets the variable is not translated, so that no expression that reads it is. */
void variable_lose(struct flow_writer *, struct import_variable *);
void import_data_lose(struct flow_writer *, const char *key); /* a key of attached data, as gcx quotes it; "": any */
void import_data_attached(struct flow_writer *, const char *key, struct import_said);
/* Returns the variable's name in gcx and notes that it is used. */
const char *variable_used(struct flow_writer *, struct import_variable *);
/* Is it a name to which the platform gives its value? */
bool name_is_platform(const char *path);
/* Returns a path as a.b[c] as one text, with [] for an index that is no text; NULL: the expression is no path. */
const char *import_script_path(struct arena *, const struct script *);
/* Returns the key of the attached data that the expression reads, as an expression of gcx; NULL: it reads none. */
const char *expression_user_data(struct flow_writer *, const struct script *);
void flow_needs_module(struct flow_writer *, const char *name);

/* ---- statements.c ---- */
/* Writes a statement that sets the target; false: it cannot be translated, and the target is lost. */
bool import_write_set(struct flow_writer *, const struct script *target, struct import_said);
/* Writes an attach of the value; false: it cannot be translated, and the key is lost. `key` NULL: the key is not known.
 */
bool import_write_attach(struct flow_writer *, const char *key, struct import_said);
/* Writes the statements of a script; false: some are written as remarks only. *any: a statement was translated. *ended:
 * statements behind the script are not reached. */
bool import_write_script(struct flow_writer *, const char *text, bool *any, bool *ended);

/* ---- ways.c, blocks.c ---- */
void import_write_block(struct flow_writer *, struct flow_block *);
void import_remark(struct flow_writer *, struct flow_block *, enum flow_grade, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The statements that lead to a block, "" where it is the next line and that is allowed (not `must`). */
const char *way_to(struct flow_writer *, uint32_t block, bool must);
/* Returns the statements that lead to a place, with the text `turns` before them. */
const char *way_place(struct flow_writer *, struct shape_place, const char *turns);
/* Returns the statement that ends a path that leads nowhere. */
const char *way_end(struct flow_writer *, const char *why);
const char *way_else(struct flow_writer *, uint32_t block, bool must); /* the same as the else of a step */
/* Returns the statement that leads to the default destination, which `on error` does not take for an error. */
const char *way_default(struct flow_writer *, const char *why);
const char *way_error(struct flow_writer *); /* where an error of the block leads */
/* How a step goes on when it fails: to the block of the source, or, where that says nothing, to `on error`. */
const char *block_else(struct flow_writer *, const struct flow_block *, bool must);
/* Writes the statements that leave the block by this exit. */
void block_on(struct flow_writer *, const struct flow_block *, const char *exit);
/* Gives the property's text or expression; false where it is empty or missing. */
bool block_said(struct flow_writer *, const struct flow_value *, const char *name, struct import_said *);
/* A text that one flow hands to another, as the type of the variable that it was or becomes. */
struct import_said said_passed(struct flow_writer *, const char *text, enum said_type);
/* Returns a property that the source gives in seconds as a duration; `other` where its value cannot be known. */
const char *block_seconds(struct flow_writer *, const struct flow_value *, const char *name, const char *other);
/* Returns a name made of the block's label and `tail`. */
const char *block_ident(struct flow_writer *, struct flow_block *, const char *tail);
/* Sets the variable that the property names. */
void block_result(struct flow_writer *, struct flow_block *, const char *property, struct import_said);
bool flow_is_mail(const struct flow *); /* does it acknowledge, forward or reply to e-mail? */
/* Returns the imported flow that the block plays or calls; NULL: none. */
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
/* Returns the type of an initial value in .projectvars; SAID_UNKNOWN: it is no literal. */
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
                     char *text); /* adds a file; the importer takes `text`, which is malloc'ed */

/* ---- write.c ---- */
void write_flow(struct importer *, struct flow *, bool last);
void write_linear(struct flow_writer *, uint32_t from, uint32_t until, enum written_in);
