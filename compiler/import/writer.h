/* compiler/import/writer.h - For the files that write gcx: the import, the current flow, and the form of a
 * translated expression.
 *
 * Flows are written several times, until the known types of variables no longer change; only the last time counts.
 * Before each time every block is written once only for its exits (writer->ways): so the order of the blocks
 * (shape.h) follows from the very text that is written. */
#pragma once

#include <stdio.h>

#include "compiler/import/flow.h"
#include "compiler/import/given.h"
#include "compiler/import/import.h"
#include "compiler/import/script.h"
#include "compiler/import/shape.h"

enum said_type { SAID_UNKNOWN, SAID_STR, SAID_INT, SAID_FLOAT, SAID_BOOL, SAID_VALUE, SAID_MAP };

struct import_said {
    bool good; /* the expression was translated; false: its form cannot be translated */
    enum said_type type;
    const char *text;
    const char *within;         /* for a literal text: the text between its quotes; else NULL */
    struct import_variable *of; /* the variable, where the expression is just a variable's name; else NULL */
    bool truth;                 /* a || b of values: right only as a condition, since its value is one of the two */
    bool maybe;                 /* in the source the value may be undefined, null or NaN; gcx has the empty value */
    bool odd;    /* in the source the value may be null, true, a fraction or a list; in gcx it is none of these */
    bool blank;  /* the value may be an empty text in gcx and undefined in the source */
    bool mixed;  /* a text in gcx that may be a number in the source */
    bool narrow; /* a text from the importer itself: without U+FFFD and characters above U+FFFF */
    bool cut;    /* a text that may have half of a wide character in the source, U+FFFD in gcx */
    const char *perhaps; /* for a number that may be NaN: a float that is none then; else NULL */
};

struct import_variable {
    const char *name, *ident;
    enum said_type type;
    const char *initial; /* the initial value, an expression of the source; NULL: the variable has none */
    const char *doc;
    struct import_variable *of; /* the project's variable whose value this one begins with; else NULL */
    bool project, needed;       /* project: of all flows; needed: a flow reads it, so the site has a parameter */
    bool decides;               /* a parameter for a condition that is not translated: none until the site sets it */
    bool assigned, seconds, fixed /* fixed: its type does not change */;
    bool maybe;      /* in the source its value may be undefined, null or NaN */
    bool odd, blank; /* its value may be `odd`, or `blank` (struct import_said) */
    bool mixed;      /* its value is a text in gcx, but may be a number in the source */
    bool wide;       /* its value is a text that is not `narrow` (struct import_said) */
    bool cut;        /* its text may be `cut` (struct import_said) */
    bool lost;       /* a statement that sets the variable is not translated, nor are expressions that read it */
    unsigned used;   /* 1 << enum written_in */
    struct import_variable *next;
};

struct site_name { /* a name that the site declares */
    const char *kind, *name, *doc;
    struct site_name *next;
};

/* A table of names in use, with the node or text that has each name. */
struct flow_names {
    struct name_slot {
        const char *name;
        void *what;
        unsigned numbered; /* how many names name_fresh() has made from this one by adding a number */
    } * slots;
    size_t room, count;
};

enum import_format {
#define FORMAT(id, what) FORMAT_##id,
#include "compiler/import/formats.def"
    FORMAT_ANY
};

struct importer {
    struct arena *arena;
    import_read *read; /* reads included files; NULL: nobody does */
    void *read_of;
    struct xml_node *trees; /* the trees of all files, which contain the texts of the flows */
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
    struct flow_names lost;         /* keys of attached data that untranslated statements set; "": any key */
    struct flow_names blanks, odds; /* keys whose values may be `blank` or `odd` (struct import_said) */
    struct flow_names project;      /* struct import_variable */
    struct import_variable *project_first, **project_end;
    struct flow_names modules; /* the modules whose functions are called */
    struct directory_row {
        const char *statement;
        struct directory_row *next;
    } * rows, **rows_end; /* of the directory */
    struct flow_names row_keys;
    enum import_format format;     /* the format of all files; FORMAT_ANY: each file's content tells it */
    struct asterisk *asterisk;     /* the files of Asterisk, until all are read; NULL: none */
    struct taskrouter *taskrouter; /* the files of TaskRouter, until all are read; NULL: none */
    struct studio_files *studio;
    struct connect_files *connect;
    struct flow_names by_key; /* flows to which others switch, by what the source calls them: "workflow WW1" */
    bool cuts;                /* attached data may be `cut` (struct import_said) */
    bool changed;             /* a variable's type has become known, so the flows are written once more */
    bool settled;             /* all types are known: names set by untranslated statements are now lost */
    unsigned round, searches;
};

enum written_in { IN_BODY, IN_ABANDONED, IN_ERROR, IN_BUSY };

/* A value whose member is read: in the source that is an error where the value is none. */
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
    bool linear;    /* in a handler or busy block: without branches, the next line always follows */
    unsigned depth; /* the number of handlers and busy blocks around the current block */
    bool reads;     /* the current expression has read a variable */
    struct flow_block *block;
    /* The place of the current block: */
    struct shape *shape;
    uint32_t index;
    struct shape_place *places;
    bool *labelled;              /* for each block: a jump leads to it */
    bool *silent;                /* for each block: it writes no text; a jump to it leads to the next block */
    bool *again, *loop_labelled; /* for each loop: a jump leads to its next round; a jump leads to the loop itself */
    /* The targets of a block's exits, while they are collected; NULL: jumps are written. */
    uint32_t *ways, way_count, way_room;
    bool ends;                       /* the block may end the strategy without a failure */
    bool subroutine, chosen, forced; /* chosen, forced: a target or number is stored, to be routed to at the end */
    struct flow_names defaults;      /* the texts of a `fail` that leads to the default destination and is no error */
    struct flow_names objects;       /* the objects of a script that become attached data */
    uint32_t script_to;              /* the block to which a script's `return` leads */
    struct import_guard *guards;     /* the guards of the expressions translated last */
    unsigned guarded;                /* how many guards with a jump import_write_guards() has written */
};

/* The key with which a subroutine returns that the call must be ended: no variable has this name. */
#define FLOW_HANGS_UP "\"hangs up\""

/* ---- names.c ---- */
void *flow_names_find(const struct flow_names *, const char *name);
bool flow_names_add(struct arena *, struct flow_names *, const char *name, void *what); /* false: it is taken */
/* Adds a name, with a number added where this table or `other` (which may be NULL) has the name already; returns the
 * name. */
const char *name_fresh(struct arena *, struct flow_names *, const struct flow_names *other, const char *name);
/* Reserves the names of a module's functions and constants: a flow's own name would otherwise hide them. */
void names_of_module(struct importer *, const char *text);
/* Returns the name in the form of a label of the site: a word, or quoted. */
const char *name_label(struct arena *, const char *name);
/* Returns the name as a text of gcx; with its quotes if `whole`. */
const char *name_quoted(struct arena *, const char *text, bool whole);
/* Writes a remark of one line, whatever characters the text has. */
void import_remark_line(FILE *, const char *before, const char *text);
/* writes a line of documentation (///), whatever characters the text has */
void import_doc_line(FILE *, const char *text);
/* Declares a name in the site; returns its label. */
const char *site_declare(struct importer *, const char *kind, const char *name, const char *doc);
/* Declares a name by a whole declaration, such as that of an endpoint. */
void import_declare_whole(struct importer *, const char *kind, const char *name, const char *declaration);
/* Declares a parameter for a condition that is not translated; returns its name. It is none until the site sets it. */
const char *import_declare_decision(struct importer *, const char *name, const char *doc);

/* ---- expression.c ---- */
struct import_said expression_said(struct flow_writer *, const struct script *);
/* Translates an expression given as text. */
struct import_said expression_text(struct flow_writer *, const char *source);
/* Returns the expression's text as a value of that type; NULL: it cannot be converted. */
const char *said_as(struct flow_writer *, struct import_said, enum said_type);
const char *said_key(struct flow_writer *, struct import_said); /* returns the expression's text as a key of a map */
const char *said_condition(struct flow_writer *, struct import_said);
/* Returns an expression for the text that ECMAScript makes of the value; NULL: gcx has none. */
const char *said_shown(struct flow_writer *, struct import_said);
/* Writes checks before a statement, for the values whose members its expressions read: so an error in the source is
 * also an error in gcx. */
void import_write_guards(struct flow_writer *);
bool said_is_none(struct import_said); /* is the value undefined or null? */
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
                     /* notes for the variable which values it may have (`maybe`, `odd` and so on) */
                     struct import_said);
/* Notes that a statement that sets the variable is not translated, so that no expression with this variable is
 * translated. */
void variable_lose(struct flow_writer *, struct import_variable *);
/* notes a key of attached data, in quotes as in gcx, as lost; "": any key */
void import_data_lose(struct flow_writer *, const char *key);
void import_data_attached(struct flow_writer *, const char *key, struct import_said);
/* Returns the variable's name in gcx and notes that it is used. */
const char *variable_used(struct flow_writer *, struct import_variable *);
/* Is it a name whose value the platform sets? */
bool name_is_platform(const char *path);
/* Returns a path such as a.b[c] as one text, with [] for an index that is no literal text; NULL: the expression is
 * no path. */
const char *import_script_path(struct arena *, const struct script *);
/* Returns the key of the attached data that the expression reads, as an expression of gcx; NULL: it reads none. */
const char *expression_user_data(struct flow_writer *, const struct script *);
void flow_needs_module(struct flow_writer *, const char *name);

/* ---- statements.c ---- */
/* Writes a statement that sets the target; false: it cannot be translated, and the target is lost. */
bool import_write_set(struct flow_writer *, const struct script *target, struct import_said);
/* Writes an attach of the value; false: it cannot be translated, and the key is lost. `key` NULL: the key is
 * computed, so any key may be set. */
bool import_write_attach(struct flow_writer *, const char *key, struct import_said);
/* Writes the statements of a script; false: some are written as remarks only. *any: a statement was translated.
 * *ended: statements after the script are not reached. */
bool import_write_script(struct flow_writer *, const char *text, bool *any, bool *ended);

/* ---- ways.c, blocks.c ---- */
void import_write_block(struct flow_writer *, struct flow_block *);
void import_remark(struct flow_writer *, struct flow_block *, enum flow_grade, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Returns the jump to a block, "" where the block comes next in the text and no statement is needed (not `must`). */
const char *way_to(struct flow_writer *, uint32_t block, bool must);
/* Returns the jump to a place, with the text `turns` before it. */
const char *way_place(struct flow_writer *, struct shape_place, const char *turns);
/* Returns the statement that ends a path without a next block. */
const char *way_end(struct flow_writer *, const char *why);
const char *way_else(struct flow_writer *, uint32_t block, bool must); /* returns the jump as the `else` of a step */
/* Returns the statement that jumps to the default destination, which `on error` does not take for an error. */
const char *way_default(struct flow_writer *, const char *why);
const char *way_error(struct flow_writer *); /* returns the jump that an error of the block takes */
/* Returns the `else` of a step that fails: to the block that the source names, or, where it names none, to `on
 * error`. */
const char *block_else(struct flow_writer *, const struct flow_block *, bool must);
/* Writes the statements that leave the block by this exit. */
void block_on(struct flow_writer *, const struct flow_block *, const char *exit);
/* Sets the property's text or expression; false where it is empty or missing. */
bool block_said(struct flow_writer *, const struct flow_value *, const char *name, struct import_said *);
/* Returns a text that one flow passes to another, as a value of the variable's type. */
struct import_said said_passed(struct flow_writer *, const char *text, enum said_type);
/* Returns the duration in a property that the source gives in seconds; `other` where its value cannot be known. */
const char *block_seconds(struct flow_writer *, const struct flow_value *, const char *name, const char *other);
/* Returns a name made of the block's label and `tail`. */
const char *block_ident(struct flow_writer *, struct flow_block *, const char *tail);
/* Writes the assignment of a result to the variable that the property names. */
void block_result(struct flow_writer *, struct flow_block *, const char *property, struct import_said);
bool flow_is_mail(const struct flow *); /* true: the block acknowledges, forwards or replies to e-mail */
/* Returns the imported flow that the block calls; NULL: none. */
struct flow *import_called_flow(struct importer *, const struct flow *from, const struct flow_block *block);

/* ---- heard.c ---- */
void import_write_prompt_block(struct flow_writer *, struct flow_block *);
void import_write_sound_block(struct flow_writer *, struct flow_block *);
void import_write_digits_block(struct flow_writer *, struct flow_block *);
void import_write_menu_block(struct flow_writer *, struct flow_block *);
void import_write_record_block(struct flow_writer *, struct flow_block *);

/* ---- given.c ---- */
void import_write_given_block(struct flow_writer *, struct flow_block *);

/* ---- target.c ---- */
void import_write_target_block(struct flow_writer *, struct flow_block *);

/* ---- site.c ---- */
void site_modules(struct importer *); /* reserves the names of modules and of their functions */
/* Returns the type of an initial value in .projectvars; SAID_UNKNOWN: the value is no literal. */
enum said_type site_initial_type(struct importer *, const char *initial);
void import_write_site(struct importer *);

/* ---- drawing.c ---- */
void import_write_drawing(struct importer *, const struct flow *);

/* ---- tests.c ---- */
void import_write_tests(struct importer *, struct flow *);

/* ---- directory.c ---- */
/* Rows of the directory that the imported files imply; a second row of one key is dropped. */
void import_directory_agent(struct importer *, const char *agent, const char *display);
void import_directory_dn(struct importer *, const char *number, const char *type);
void import_directory_member(struct importer *, const char *group, const char *agent);
/* `members`: the expression of its members; NULL: none. */
void import_directory_group(struct importer *, const char *group, const char *members);
void import_directory_skill(struct importer *, const char *agent, const char *skill, unsigned level);
void import_directory_entry(struct importer *, const char *number, const char *strategy);
void import_write_directory(struct importer *);

/* ---- report.c ---- */
void import_write_report(struct importer *);

/* ---- files.c ---- */
/* Adds a flow, and names its strategy after `name`. */
void import_flow_add(struct importer *, struct flow *, const char *name);
void import_file_add(struct importer *, const char *name,
                     char *text); /* adds a file; the importer becomes the owner of `text`, which is malloc'ed */

/* ---- write.c ---- */
void write_flow(struct importer *, struct flow *, bool last);
void write_linear(struct flow_writer *, uint32_t from, uint32_t until, enum written_in);
