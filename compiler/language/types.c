/* compiler/language/types.c - Makes each type once, and decides which types fit which.
 *
 * A type is made once per compilation: two types are equal if their pointers are. So types are compared by pointer,
 * a type holds its text for messages, and nothing is freed before the arena. POISON is the type of an expression
 * whose mistake was reported already: it fits everything, and everything fits it.
 *
 *     type_fits(to, from)   may this value stand there?   int in float, T in T?, none in T?, dn in str, data in value
 *     types_join(a, b)      the one type that both are, for elements of a list and both sides of an else
 *     type_is_comparable    ==, !=                        only of one type, or of something with none
 *
 * A composite type is stored in the type of which it is made (`of->list`, `of->option`), where it is found again. */
#include "compiler/language/types.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/near.h"

struct types {
    struct arena *arena;
    struct type base[LANG_BASE_COUNT];
    uint32_t count;
};

static const struct {
    const char *text;
    bool declarable;
} base_types[LANG_BASE_COUNT] = {
#define TYPE(name, text, declarable) [LANG_##name] = {text, declarable},
    BASE_TYPES(TYPE)
#undef TYPE
};

struct types *types_new(struct arena *arena)
{
    struct types *types = arena_alloc(arena, sizeof *types);
    memset(types, 0, sizeof *types);
    types->arena = arena;
    for (uint32_t i = 0; i < LANG_BASE_COUNT; i++) {
        types->base[i].kind = (enum lang_type)i;
        types->base[i].text = base_types[i].text;
        types->base[i].index = i;
    }
    types->count = LANG_BASE_COUNT;
    return types;
}

const struct type *types_base(const struct types *types, enum lang_type kind)
{
    assert(kind < LANG_BASE_COUNT);
    return &types->base[kind];
}

/* Each type of a compilation gets an index of its own; the base types have the first numbers. */
static struct type *type_make(struct types *types, enum lang_type kind, const struct type *of, const char *text)
{
    assert(kind >= LANG_BASE_COUNT || kind == LANG_ERROR);
    struct type *type = arena_alloc(types->arena, sizeof *type);
    memset(type, 0, sizeof *type);
    type->kind = kind;
    type->of = of;
    type->text = text;
    type->index = types->count++;
    return type;
}

/* A list of poison is poison itself, so that no second error follows. */
const struct type *types_list(struct types *types, const struct type *of)
{
    if (type_is_poison(of)) return of;
    struct type *element = (struct type *)of;
    if (!element->list)
        element->list = type_make(types, LANG_LIST, of, arena_printf(types->arena, "list<%s>", of->text));
    return element->list;
}

const struct type *types_map(struct types *types, const struct type *of)
{
    if (type_is_poison(of)) return of;
    struct type *element = (struct type *)of;
    if (!element->map) element->map = type_make(types, LANG_MAP, of, arena_printf(types->arena, "map<%s>", of->text));
    return element->map;
}

/* There is no `T??`: for a type that may be none already, this returns the type itself. */
const struct type *types_option(struct types *types, const struct type *of)
{
    if (of->kind == LANG_OPTION || of->kind == LANG_NONE || of->kind == LANG_POISON) return of;
    struct type *element = (struct type *)of;
    if (!element->option)
        element->option = type_make(types, LANG_OPTION, of, arena_printf(types->arena, "%s?", of->text));
    return element->option;
}

const struct type *types_record(struct types *types, const struct record *record)
{
    assert(record->name);
    struct type *type = type_make(types, LANG_RECORD, NULL, record->name);
    type->record = record;
    return type;
}

const struct type *types_enum(struct types *types, const struct enumeration *enumeration)
{
    assert(enumeration->name);
    struct type *type = type_make(types, LANG_ENUM, NULL, enumeration->name);
    type->enumeration = enumeration;
    return type;
}

const struct type *types_error(struct types *types, const struct type *reason)
{
    struct type *type = type_make(types, LANG_ERROR, reason, types->base[LANG_ERROR].text);
    return type;
}

const struct type *types_named(const struct types *types, const char *name)
{
    for (uint32_t i = 0; i < LANG_BASE_COUNT; i++)
        if (base_types[i].declarable && !strcmp(base_types[i].text, name)) return &types->base[i];
    return NULL;
}

const char *types_near(const char *name)
{
    const char *near = NULL;
    uint32_t closest = UINT32_MAX;
    for (uint32_t i = 0; i < LANG_BASE_COUNT; i++)
        if (base_types[i].declarable && near_is_nearer(name, base_types[i].text, &closest)) near = base_types[i].text;
    return near;
}

const struct type *type_bare(const struct type *type)
{
    assert(type);
    return type->kind == LANG_OPTION ? type->of : type;
}

bool type_is_poison(const struct type *type)
{
    return type->kind == LANG_POISON;
}

bool type_is_option(const struct type *type)
{
    return type->kind == LANG_OPTION;
}

bool type_is_site_name(const struct type *type)
{
    return type->kind >= LANG_SKILL && type->kind <= LANG_SOURCE;
}

/* True: the type is that of none, [] or an empty map alone, of which the element type is not known. */
bool type_is_open(const struct type *type)
{
    enum lang_type kind = type_bare(type)->kind;
    return kind == LANG_NONE || kind == LANG_EMPTY_LIST || kind == LANG_EMPTY_MAP;
}

/* The types that a `value` can hold. */
static bool is_boxable(const struct type *type)
{
    return (type->kind >= LANG_INT && type->kind <= LANG_PERCENT) ||
           (type->kind >= LANG_SKILL && type->kind <= LANG_ZONE) || type->kind == LANG_DN ||
           (type->kind == LANG_ENUM && type->enumeration->own);
}

bool type_is_bindable(const struct type *type)
{
    const struct type *bare = type_bare(type);
    return is_boxable(bare) || type_is_poison(bare);
}

bool type_is_shown(const struct type *type)
{
    enum lang_type kind = type_bare(type)->kind;
    /* an agent or target is shown by its name, which the core knows */
    bool somebody = kind == LANG_AGENT || kind == LANG_TARGET;
    return type_is_bindable(type) || kind == LANG_LOCAL || kind == LANG_VALUE || kind == LANG_ENUM ||
           kind == LANG_BLOB || somebody;
}

/* Lists and maps of different types do not fit each other, even where their elements would. */
bool type_fits(const struct type *to, const struct type *from)
{
    if (to == from || type_is_poison(to) || type_is_poison(from)) return true;
    if (to->kind == LANG_OPTION)
        return from->kind == LANG_NONE || type_fits(to->of, from->kind == LANG_OPTION ? from->of : from);
    if (to->kind == LANG_LIST) return from->kind == LANG_EMPTY_LIST;
    if (to->kind == LANG_MAP) return from->kind == LANG_EMPTY_MAP;
    if (to->kind == LANG_VALUE) return is_boxable(from);
    if (to->kind == LANG_FLOAT) return from->kind == LANG_INT;
    if (to->kind == LANG_STR) return from->kind == LANG_DN; /* a text can take a dn: its number */
    if (to->kind == LANG_ERROR) return from->kind == LANG_ERROR;
    return false;
}

bool type_is_data(const struct type *type)
{
    if (is_boxable(type) || type->kind == LANG_VALUE || type_is_poison(type)) return true;
    if (type->kind == LANG_LIST || type->kind == LANG_MAP || type->kind == LANG_OPTION) return type_is_data(type->of);
    return type->kind == LANG_RECORD &&
           !type->record->told; /* its fields are checked at its declaration; by mistake it may contain itself */
}

/* True for a dn and a text: a dn is compared with the text of a number. */
static bool type_is_text(const struct type *type)
{
    return type->kind == LANG_STR || type->kind == LANG_DN;
}

bool type_is_comparable(const struct type *left, const struct type *right)
{
    if (type_is_poison(left) || type_is_poison(right)) return true;
    if (left->kind == LANG_NONE) return right->kind == LANG_OPTION;
    if (right->kind == LANG_NONE) return left->kind == LANG_OPTION;
    const struct type *bare = type_bare(left);
    if (type_is_text(bare) && type_is_text(type_bare(right))) return true;
    if (bare != type_bare(right) || type_is_open(bare)) return false;
    return bare->kind != LANG_LIST && bare->kind != LANG_MAP && bare->kind != LANG_RECORD && bare->kind != LANG_VALUE &&
           bare->kind != LANG_VOID && bare->kind != LANG_ERROR && bare->kind != LANG_LOCAL && bare->kind != LANG_BLOB;
}

bool type_is_ordered(const struct type *type)
{
    static const bool ordered[] = {
        [LANG_POISON] = true, [LANG_INT] = true,   [LANG_FLOAT] = true,   [LANG_DURATION] = true, [LANG_TIME] = true,
        [LANG_DATE] = true,   [LANG_CLOCK] = true, [LANG_PERCENT] = true, [LANG_STR] = true};
    return type->kind < sizeof ordered / sizeof *ordered && ordered[type->kind];
}

/* Returns NULL where the two have no common type. With poison the result is the other type, with none an option of
 * the other type. Where one type fits the other, the wider one is the result; but an int followed by a float has no
 * common type. */
const struct type *types_join(struct types *types, const struct type *a, const struct type *b)
{
    if (a == b || type_is_poison(b)) return a;
    if (type_is_poison(a)) return b;
    if (a->kind == LANG_NONE) return type_is_open(b) ? NULL : types_option(types, b);
    if (b->kind == LANG_NONE) return type_is_open(a) ? NULL : types_option(types, a);
    if (type_fits(a, b)) return a;
    /* where each fits the other, the first type is the result */
    if (type_fits(b, a) && type_bare(b)->kind != LANG_FLOAT) return b;
    if (a->kind == LANG_OPTION || b->kind == LANG_OPTION) {
        const struct type *bare = types_join(types, type_bare(a), type_bare(b));
        return bare ? types_option(types, bare) : NULL;
    }
    return NULL;
}

const struct type_field *type_field(const struct type *type, const char *name, uint32_t *index)
{
    if (type->kind != LANG_RECORD) return NULL;
    for (uint32_t i = 0; i < type->record->count; i++)
        if (!strcmp(type->record->fields[i].name, name)) {
            if (index) *index = i;
            return &type->record->fields[i];
        }
    return NULL;
}
