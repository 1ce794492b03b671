/* compiler/language/types.h - The types of the language, each made once: two types are the same where the pointers are.
 *
 * LANG_INT and its like are kinds of these; TYPE_INT and its like (vm/value.h) are what stands in an image, to which
 * lower.c and emit.c lead by way of IR_INT (ir.h).
 *
 * `struct types` owns nothing of its own: everything is in the arena it was made with. LANG_POISON is the type of what
 * was already reported: it fits everywhere and gives nothing new to report. LANG_CLOCK is a time of day, LANG_LOCAL
 * what the clocks of a zone show at some time. LANG_NONE is the literal `none` before it
 * is known of what, LANG_EMPTY_LIST and LANG_EMPTY_MAP are `[]` and `[:]`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* TYPE(name in the enumeration, how it is written, may it be declared?) */
/* clang-format off */
#define BASE_TYPES(TYPE)                                                                                               \
    TYPE(POISON, "?", false)                                                                                           \
    TYPE(VOID, "nothing", false)                                                                                       \
    TYPE(NONE, "none", false)                                                                                          \
    TYPE(EMPTY_LIST, "[]", false)                                                                                      \
    TYPE(EMPTY_MAP, "[:]", false)                                                                                      \
    TYPE(INT, "int", true)                                                                                             \
    TYPE(FLOAT, "float", true)                                                                                         \
    TYPE(BOOL, "bool", true)                                                                                           \
    TYPE(STR, "str", true)                                                                                             \
    TYPE(DURATION, "duration", true)                                                                                   \
    TYPE(TIME, "time", true)                                                                                           \
    TYPE(DATE, "date", true)                                                                                           \
    TYPE(CLOCK, "clock", true)                                                                                         \
    TYPE(PERCENT, "percent", true)                                                                                     \
    TYPE(VALUE, "value", true)                                                                                         \
    TYPE(SKILL, "skill", true)                                                                                         \
    TYPE(GROUP, "group", true)                                                                                         \
    TYPE(VQ, "vq", true)                                                                                               \
    TYPE(QUEUE, "queue", true)                                                                                         \
    TYPE(PROMPT, "prompt", true)                                                                                       \
    TYPE(PLACE, "place", true)                                                                                         \
    TYPE(WORKBIN, "workbin", true)                                                                                     \
    TYPE(TEMPLATE, "template", true)                                                                                   \
    TYPE(CATEGORY, "category", true)                                                                                   \
    TYPE(SCHEDULE, "schedule", true)                                                                                   \
    TYPE(ZONE, "zone", true)                                                                                           \
    TYPE(SOURCE, "source", false)                                                                                      \
    TYPE(DN, "dn", true)                                                                                               \
    TYPE(AGENT, "agent", true)                                                                                         \
    TYPE(TARGET, "target", true)                                                                                       \
    TYPE(ERROR, "error", false)                                                                                        \
    TYPE(LOCAL, "local time", false)                                                                                   \
    TYPE(BLOB, "blob", true)                                                                                           \
    TYPE(STRATEGY, "strategy", false)                                                                                  \
    TYPE(CAMPAIGN, "campaign", false)
/* clang-format on */

enum lang_type {
#define TYPE(name, text, declarable) LANG_##name,
    BASE_TYPES(TYPE)
#undef TYPE
        LANG_BASE_COUNT,
    LANG_LIST = LANG_BASE_COUNT, /* its elements are `of` */
    LANG_MAP,                    /* from strings to `of` */
    LANG_OPTION,                 /* `of` or none; `of` is never an option */
    LANG_RECORD,
    LANG_ENUM, /* declared, weekday, or the words of an attribute such as media */
};

struct type {
    enum lang_type kind;
    const struct type *of;
    const struct record *record;
    const struct enumeration *enumeration;
    const char *text;                 /* the type as people write it */
    uint32_t index;                   /* the order of making */
    struct type *next;                /* the next type in the order of making */
    struct type *list, *map, *option; /* list<T>, map<T> and T? of this type; NULL: not made yet */
};

struct type_field {
    const char *name;
    const struct type *type;
    bool secret;
};

struct record {
    const char *name;
    const struct type_field *fields;
    uint32_t count;
    bool told;          /* a record of the core's own, made anew each time: it cannot be attached or stored */
    uint32_t depth;     /* the checker's: how deep values of the record nest; 0: not yet known */
    const char *secret; /* the checker's: a secret field in it or in a record that it holds; type_secret() finds it */
    bool secrets_sought;
};

struct enumeration {
    const char *name;
    const char *const *words;
    /* The words' numbers as in runtime/vocabulary/enums.def; from 0 where the enumeration is `own`. */
    const uint32_t *numbers;
    uint32_t count;
    bool own;   /* declared, or weekday: a type of the image; else its values are ints there */
    bool exits; /* reasons of a failure: some words of enum code, though another one may come */
};

struct types;

struct types *types_new(struct arena *);

const struct type *types_base(const struct types *, enum lang_type);
const struct type *types_list(struct types *, const struct type *of);
const struct type *types_map(struct types *, const struct type *of);
/* Returns T? for T; an option, none and poison are returned as they are. */
const struct type *types_option(struct types *, const struct type *of);
/* A new record each time: two records of the same name are two types. `record->fields` may be filled in later. */
const struct type *types_record(struct types *, const struct record *);
const struct type *types_enum(struct types *, const struct enumeration *);
/* Returns the type of a step's error, whose `reason` has that enumeration's type. */
const struct type *types_error(struct types *, const struct type *reason);
/* Returns the base type of this name; NULL where there is none, or none that may be declared. */
const struct type *types_named(const struct types *, const char *name);
const char *types_near(const char *name); /* the base type that was perhaps meant, or NULL */

/* Returns T for T?, and any other type as it is. */
const struct type *type_bare(const struct type *);
bool type_is_poison(const struct type *);
bool type_is_option(const struct type *);
/* Is it the type of a bare `none`, `[]` or `[:]`, whose element is not known yet? No value can be made of it. */
bool type_is_open(const struct type *);
/* Skill, group, vq, queue, prompt, schedule, zone, source: an entry of the image's names. A dn is none: it is the text
 * of a number. */
bool type_is_site_name(const struct type *);
/* May a value of `from` stand where `to` is asked for (as it is, as `T?`, or boxed into a `value`)? */
bool type_fits(const struct type *to, const struct type *from);
/* Can a value of the type be bound to a statement or handed to a prompt? Can it be shown in a text? */
bool type_is_bindable(const struct type *);
bool type_is_shown(const struct type *);
/* Can a value of the type be attached, put into user data or returned by a source? */
bool type_is_data(const struct type *);
bool type_is_comparable(const struct type *left, const struct type *right);
bool type_is_ordered(const struct type *);
/* Returns the narrowest type that both types fit; NULL where there is none. */
const struct type *types_join(struct types *, const struct type *, const struct type *);
/* Returns a record's field by its name; NULL where it has no such field. `index` may be NULL. */
const struct type_field *type_field(const struct type *, const char *name, uint32_t *index);
