/* compiler/language/types.h - The types of the language, each made once: two types are equal if their pointers are.
 *
 * LANG_INT and so on are kinds of these; TYPE_INT and so on (vm/value.h) are the types in an image; lower.c and
 * emit.c translate the former to the latter by way of IR_INT (ir.h).
 *
 * `struct types` owns nothing: all types are in the arena with which it was made. LANG_POISON is the type of an
 * expression whose mistake was reported: it fits everywhere and causes no further report. LANG_CLOCK is a time of
 * day, LANG_LOCAL a time in the local time of a zone. LANG_NONE is the literal `none` before its type is known,
 * LANG_EMPTY_LIST and LANG_EMPTY_MAP are `[]` and `[:]`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* TYPE(name in the enumeration, its word in the language, may it be declared?) */
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
    LANG_OPTION,                 /* an option: `of` or none; `of` is never an option itself */
    LANG_RECORD,
    LANG_ENUM, /* an enumeration: declared, weekday, or the words of an attribute such as media */
};

struct type {
    enum lang_type kind;
    const struct type *of;
    const struct record *record;
    const struct enumeration *enumeration;
    const char *text;  /* the type as people write it, for messages */
    uint32_t index;    /* the order of making */
    struct type *next; /* the type that was made next */
    /* list<T>, map<T> and T? the list and the option of this type; NULL: not made yet */
    struct type *list, *map, *option;
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
    uint32_t depth;     /* set by the checker: how deep values of the record nest; 0: not yet known */
    const char *secret; /* set by the checker: a secret field of the record, or of a record within; NULL: none */
    bool secrets_sought;
};

struct enumeration {
    const char *name;
    const char *const *words;
    /* The numbers of the words, as in runtime/vocabulary/enums.def; from 0 where the enumeration is `own`. */
    const uint32_t *numbers;
    uint32_t count;
    bool own;   /* declared, or weekday: an enumeration of the image; else values are ints there */
    bool exits; /* the reasons of a failure: some words of enum code; others may occur, too */
};

struct types;

struct types *types_new(struct arena *);

const struct type *types_base(const struct types *, enum lang_type);
const struct type *types_list(struct types *, const struct type *of);
const struct type *types_map(struct types *, const struct type *of);
/* Returns the optional type of a type; an option, none and poison are returned as they are. */
const struct type *types_option(struct types *, const struct type *of);
/* Makes a new record each time: two records of the same name are two types. `record->fields` may be filled in later. */
const struct type *types_record(struct types *, const struct record *);
const struct type *types_enum(struct types *, const struct enumeration *);
/* Returns the type of a step's error, whose `reason` has that enumeration's type. */
const struct type *types_error(struct types *, const struct type *reason);
/* Returns the base type of this name; NULL where there is none, or none that may be declared. */
const struct type *types_named(const struct types *, const char *name);
const char *types_near(const char *name); /* returns the base type that was perhaps meant, or NULL */

/* Returns T for T?, and any other type unchanged. */
const struct type *type_bare(const struct type *);
bool type_is_poison(const struct type *);
bool type_is_option(const struct type *);
/* Is it the type of `none`, `[]` or `[:]` alone, whose element is not known yet? Such a type has no values. */
bool type_is_open(const struct type *);
/* True: the type is skill, group, vq, queue, prompt, schedule, zone or source, whose values are names in the image.
 * A dn is not: its value is the text of a number. */
bool type_is_site_name(const struct type *);
/* Can a value of `from` be used where `to` is needed (as it is, as `T?`, or boxed into a `value`)? */
bool type_fits(const struct type *to, const struct type *from);
/* Can a value of the type be bound to a statement or passed to a prompt? Can a value of the type be shown in a text? */
bool type_is_bindable(const struct type *);
bool type_is_shown(const struct type *);
/* Can a value of the type be attached, put into user data or returned by a source? */
bool type_is_data(const struct type *);
bool type_is_comparable(const struct type *left, const struct type *right);
bool type_is_ordered(const struct type *);
/* Returns the narrowest type that includes both types; NULL where there is none. */
const struct type *types_join(struct types *, const struct type *, const struct type *);
/* Returns a record's field by its name; NULL where it has no such field. `index` may be NULL. */
const struct type_field *type_field(const struct type *, const char *name, uint32_t *index);
