/* compiler/types.c - Making types once, and what fits where. */
#include "compiler/types.h"

#include <assert.h>
#include <string.h>

#include "compiler/arena.h"
#include "compiler/scope.h"

struct types {
    struct arena *arena;
    struct type base[TYPE_BASE_COUNT];
    uint32_t count;
};

static const struct {
    const char *text;
    bool declarable;
} base_types[TYPE_BASE_COUNT] = {
#define TYPE(name, text, declarable) [TYPE_##name] = {text, declarable},
    BASE_TYPES(TYPE)
#undef TYPE
};

struct types *types_new(struct arena *arena)
{
    struct types *types = arena_alloc(arena, sizeof *types);
    memset(types, 0, sizeof *types);
    types->arena = arena;
    for (uint32_t i = 0; i < TYPE_BASE_COUNT; i++) {
        types->base[i].kind = (enum type_kind)i;
        types->base[i].text = base_types[i].text;
        types->base[i].index = i;
    }
    types->count = TYPE_BASE_COUNT;
    return types;
}

const struct type *types_base(const struct types *types, enum type_kind kind)
{
    assert(kind < TYPE_BASE_COUNT);
    return &types->base[kind];
}

static struct type *make(struct types *types, enum type_kind kind, const struct type *of, const char *text)
{
    struct type *type = arena_alloc(types->arena, sizeof *type);
    memset(type, 0, sizeof *type);
    type->kind = kind;
    type->of = of;
    type->text = text;
    type->index = types->count++;
    return type;
}

const struct type *types_list(struct types *types, const struct type *of)
{
    if (type_is_poison(of)) return of;
    struct type *element = (struct type *)of;
    if (!element->list) element->list = make(types, TYPE_LIST, of, arena_printf(types->arena, "list<%s>", of->text));
    return element->list;
}

const struct type *types_map(struct types *types, const struct type *of)
{
    if (type_is_poison(of)) return of;
    struct type *element = (struct type *)of;
    if (!element->map) element->map = make(types, TYPE_MAP, of, arena_printf(types->arena, "map<%s>", of->text));
    return element->map;
}

const struct type *types_option(struct types *types, const struct type *of)
{
    if (of->kind == TYPE_OPTION || of->kind == TYPE_NONE || of->kind == TYPE_POISON) return of;
    struct type *element = (struct type *)of;
    if (!element->option) element->option = make(types, TYPE_OPTION, of, arena_printf(types->arena, "%s?", of->text));
    return element->option;
}

const struct type *types_record(struct types *types, const struct record *record)
{
    struct type *type = make(types, TYPE_RECORD, NULL, record->name);
    type->record = record;
    return type;
}

const struct type *types_enum(struct types *types, const struct enumeration *enumeration)
{
    struct type *type = make(types, TYPE_ENUM, NULL, enumeration->name);
    type->enumeration = enumeration;
    return type;
}

const struct type *types_named(const struct types *types, const char *name)
{
    for (uint32_t i = 0; i < TYPE_BASE_COUNT; i++)
        if (base_types[i].declarable && !strcmp(base_types[i].text, name)) return &types->base[i];
    return NULL;
}

const char *types_near(const char *name)
{
    const char *near = NULL;
    uint32_t closest = UINT32_MAX;
    for (uint32_t i = 0; i < TYPE_BASE_COUNT; i++) {
        uint32_t distance = base_types[i].declarable ? name_distance(name, base_types[i].text) : UINT32_MAX;
        if (distance < closest) closest = distance, near = base_types[i].text;
    }
    return near;
}

const struct type *type_bare(const struct type *type)
{
    return type->kind == TYPE_OPTION ? type->of : type;
}

bool type_is_poison(const struct type *type)
{
    return type->kind == TYPE_POISON;
}

bool type_is_option(const struct type *type)
{
    return type->kind == TYPE_OPTION;
}

bool type_is_site_name(const struct type *type)
{
    return type->kind >= TYPE_SKILL && type->kind <= TYPE_SOURCE;
}

bool type_is_open(const struct type *type)
{
    enum type_kind kind = type_bare(type)->kind;
    return kind == TYPE_NONE || kind == TYPE_EMPTY_LIST || kind == TYPE_EMPTY_MAP;
}

/* What a `value` can hold. */
static bool is_boxable(const struct type *type)
{
    return (type->kind >= TYPE_INT && type->kind <= TYPE_PERCENT) ||
           (type->kind >= TYPE_SKILL && type->kind <= TYPE_PROMPT);
}

bool type_fits(const struct type *to, const struct type *from)
{
    if (to == from || type_is_poison(to) || type_is_poison(from)) return true;
    if (to->kind == TYPE_OPTION)
        return from->kind == TYPE_NONE || type_fits(to->of, from->kind == TYPE_OPTION ? from->of : from);
    if (to->kind == TYPE_LIST) return from->kind == TYPE_EMPTY_LIST;
    if (to->kind == TYPE_MAP) return from->kind == TYPE_EMPTY_MAP;
    if (to->kind == TYPE_VALUE) return is_boxable(from);
    return false;
}

bool type_is_data(const struct type *type)
{
    switch (type->kind) {
    case TYPE_POISON:
    case TYPE_INT:
    case TYPE_BOOL:
    case TYPE_STR:
    case TYPE_DURATION:
    case TYPE_TIME:
    case TYPE_PERCENT:
    case TYPE_VALUE:
    case TYPE_SKILL:
    case TYPE_GROUP:
    case TYPE_VQ:
    case TYPE_QUEUE:
    case TYPE_PROMPT:
        return true;
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTION:
        return type_is_data(type->of);
    case TYPE_RECORD: /* its declaration tells of fields that are none; and it may contain itself by mistake */
        return true;
    default:
        return false;
    }
}

bool type_is_comparable(const struct type *left, const struct type *right)
{
    if (type_is_poison(left) || type_is_poison(right)) return true;
    if (left->kind == TYPE_NONE) return right->kind == TYPE_OPTION;
    if (right->kind == TYPE_NONE) return left->kind == TYPE_OPTION;
    const struct type *bare = type_bare(left);
    if (bare != type_bare(right) || type_is_open(bare)) return false;
    return bare->kind != TYPE_LIST && bare->kind != TYPE_MAP && bare->kind != TYPE_RECORD && bare->kind != TYPE_VALUE &&
           bare->kind != TYPE_VOID && bare->kind != TYPE_ERROR;
}

bool type_is_ordered(const struct type *type)
{
    switch (type->kind) {
    case TYPE_POISON:
    case TYPE_INT:
    case TYPE_DURATION:
    case TYPE_TIME:
    case TYPE_PERCENT:
    case TYPE_STR:
        return true;
    default:
        return false;
    }
}

uint32_t type_depth(const struct type *type)
{
    uint32_t deepest = 0;
    switch (type->kind) {
    case TYPE_OPTION:
        return type_depth(type->of);
    case TYPE_LIST:
    case TYPE_MAP:
        return 1 + type_depth(type->of);
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->record->count; i++) {
            uint32_t depth = type_depth(type->record->fields[i].type);
            if (depth > deepest) deepest = depth;
        }
        return 1 + deepest;
    default:
        return 0;
    }
}

const struct type *types_join(struct types *types, const struct type *a, const struct type *b)
{
    if (a == b || type_is_poison(b)) return a;
    if (type_is_poison(a)) return b;
    if (a->kind == TYPE_NONE) return type_is_open(b) ? NULL : types_option(types, b);
    if (b->kind == TYPE_NONE) return type_is_open(a) ? NULL : types_option(types, a);
    if (type_fits(a, b)) return a;
    if (type_fits(b, a)) return b;
    if (a->kind == TYPE_OPTION || b->kind == TYPE_OPTION) {
        const struct type *bare = types_join(types, type_bare(a), type_bare(b));
        return bare ? types_option(types, bare) : NULL;
    }
    return NULL;
}

const struct field *type_field(const struct type *type, const char *name, uint32_t *index)
{
    if (type->kind != TYPE_RECORD) return NULL;
    for (uint32_t i = 0; i < type->record->count; i++)
        if (!strcmp(type->record->fields[i].name, name)) {
            if (index) *index = i;
            return &type->record->fields[i];
        }
    return NULL;
}
