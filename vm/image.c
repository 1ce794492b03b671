/* vm/image.c - Reads an image: rows of its sections, names, keys, types. load.c has set the pointers to the
 * sections.
 *
 *     file:  | header | strings | types | fields | names | ... |     each section: offset and length in the header
 *     image: image->names --> the first row of SECTION_NAMES, image->count[SECTION_NAMES] rows
 *
 * The verifier uses the functions of this file too, while it checks an image: a function asserts its index and
 * trusts the row. Nothing is copied: texts and rows are borrowed from the file's bytes and valid as long as the
 * image. */
#include "vm/image.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vm/image_data.h"
#include "vm/memory.h"

const char *image_rule_text(enum image_rule rule)
{
    static const char *const rules[] = {
#define RULE(name, text) text,
#include "vm/rules.def"
    };
    return rules[rule];
}

bool image_refuse(struct error *error, enum error_code code, size_t offset, enum image_rule rule)
{
    return error_at(error, code, (uint32_t)offset, "not a good image: %s", image_rule_text(rule));
}

/* Hashes a statement; two programs may have the same text but read other types, or a single value: then it is not
 * the same statement. Types declared by an image are not distinguished: columns never have them. */
void image_hash_statement(const struct image *image, const struct image_statement *row, uint8_t hash[IMAGE_HASH])
{
    uint16_t type = row->mode == STATEMENT_ALL ? image_element(image, row->type) : row->type;
    bool record = type_is_record(image, type);
    uint32_t columns = record ? image_field_count(image, type) : 1;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IMAGE_HASH);
    crypto_generichash_update(&state, (const uint8_t *)&row->mode, sizeof row->mode);
    crypto_generichash_update(&state, (const uint8_t *)&columns, sizeof columns);
    for (uint32_t i = 0; i < columns; i++) {
        struct text name = record ? image_field_name(image, type, i) : (struct text){"", 0};
        uint16_t of = record ? image_field_type(image, type, i) : type;
        if (type_base(of) >= TYPE_OWN) of = TYPE_OWN;
        crypto_generichash_update(&state, (const uint8_t *)&of, sizeof of);
        crypto_generichash_update(&state, (const uint8_t *)&name.length, sizeof name.length);
        crypto_generichash_update(&state, (const uint8_t *)name.bytes, name.length);
        if (record && image_field_secret(image, type, i)) crypto_generichash_update(&state, (const uint8_t *)"\1", 1);
    }
    struct text sql = image_text(image, row->sql);
    crypto_generichash_update(&state, (const uint8_t *)sql.bytes, sql.length);
    crypto_generichash_final(&state, hash, IMAGE_HASH);
}

/* Returns the position at which the search for a name begins. The image's own hash is the seed, so an attacker
 * cannot choose names that all begin at one position. */
static uint32_t name_start(const struct image *image, uint16_t kind, const char *text, uint32_t length)
{
    uint64_t seed;
    memcpy(&seed, image->header->hash, sizeof seed);
    return (uint32_t)XXH3_64bits_withSeed(text, length, seed + kind) & image->names_mask;
}

/* Makes an open hash table, at most half full, of row numbers + 1. If two rows have the same kind and text, the
 * first is found. */
void image_place_names(struct image *image)
{
    uint32_t size = 8;
    while (size < 2 * image->count[SECTION_NAMES]) size *= 2;
    image->names_mask = size - 1;
    image->names_found = memory_new(size * sizeof *image->names_found);
    for (uint32_t i = 0; i < image->count[SECTION_NAMES]; i++) {
        struct text text = image_text(image, image->names[i].text);
        if (image_name_find(image, image->names[i].kind, text.bytes, text.length) >= 0) continue; /* the first counts */
        uint32_t at = name_start(image, image->names[i].kind, text.bytes, text.length);
        while (image->names_found[at]) at = (at + 1) & image->names_mask;
        image->names_found[at] = i + 1;
    }
}

const uint8_t *image_hash(const struct image *image)
{
    return image->header->hash;
}

const void *image_bytes(const struct image *image, size_t *length)
{
    *length = image->length;
    return image->bytes;
}

struct text image_text(const struct image *image, struct image_text text)
{
    assert(text.offset <= image->count[SECTION_STRINGS] && text.length <= image->count[SECTION_STRINGS] - text.offset);
    return (struct text){image->strings + text.offset, text.length};
}

static bool text_is(struct text text, const char *bytes, uint32_t length)
{
    return text.length == length && memcmp(text.bytes, bytes, length) == 0;
}

uint32_t image_count(const struct image *image, enum section section)
{
    return image->count[section];
}

#define ROWS(row, SECTION, rows)                                                                                       \
    const struct image_##row *image_##row(const struct image *image, uint32_t index)                                   \
    {                                                                                                                  \
        assert(index < image->count[SECTION_##SECTION]);                                                               \
        return &image->rows[index];                                                                                    \
    }
ROWS(strategy, STRATEGIES, strategies)
ROWS(function, FUNCTIONS, functions)
ROWS(wait, WAITS, waits)
ROWS(name, NAMES, names)
ROWS(statement, STATEMENTS, statements)
ROWS(constant, CONSTANTS, constants)
ROWS(latch, LATCHES, latches)
ROWS(measure, MEASURES, measures)
ROWS(setting, SETTINGS, settings)
ROWS(native, NATIVES, natives)
ROWS(handler, HANDLERS, handlers)
#undef ROWS

/* Returns the media of a strategy; the first sixteen are bits in its row. The other media are in the table whose number
 * + 1 is in the bits above them. */
struct media_set image_media(const struct image *image, uint32_t strategy)
{
    uint32_t media = image_strategy(image, strategy)->media, more = media >> STRATEGY_MEDIA_BITS;
    struct media_set set = {{media & UINT16_MAX}};
    if (media == MEDIUM_ALL) return media_set_all();
    const uint32_t *table = more != 0 ? image_table(image, more - 1) : NULL;
    for (uint32_t at = 0; table && at < table[2]; at++) set = media_set_with(set, table[4 + at], true);
    return set;
}

unsigned image_name_own(const struct image_name *name)
{
    unsigned few = (unsigned)name->kind - NAME_MEDIUM, more = (unsigned)name->kind - NAME_MEDIUM_MORE + NAME_MEDIA_FEW;
    if (few < NAME_MEDIA_FEW) return few;
    return name->kind >= NAME_MEDIUM_MORE && more < MEDIA_OWN_MAX ? more : MEDIA_OWN_MAX;
}

bool image_own_medium(const struct image *image, unsigned own, struct text *text)
{
    for (uint32_t i = 0; own < MEDIA_OWN_MAX && i < image_count(image, SECTION_NAMES); i++) {
        const struct image_name *name = image_name(image, i);
        if (image_name_own(name) != own) continue;
        *text = image_text(image, name->text);
        return true;
    }
    return false;
}

uint16_t image_kind_of_own(unsigned own)
{
    return (uint16_t)(own < NAME_MEDIA_FEW ? NAME_MEDIUM + own : NAME_MEDIUM_MORE - NAME_MEDIA_FEW + own);
}

const uint32_t *image_code(const struct image *image, const struct image_function *function)
{
    return image->code + function->code;
}

const struct image_operand *image_operands(const struct image *image, uint32_t first)
{
    assert(first <= image->count[SECTION_OPERANDS]);
    return image->operands + first;
}

const struct image_line *image_lines(const struct image *image, uint32_t first)
{
    assert(first <= image->count[SECTION_LINES]);
    return image->lines + first;
}

/* Returns a table; SECTION_TABLES begins with the number of tables, then the offset of each in words from the
 * section's begin. */
const uint32_t *image_table(const struct image *image, uint32_t index)
{
    if (image->count[SECTION_TABLES] == 0 || index >= image->tables[0]) return NULL;
    return image->tables + image->tables[1 + index];
}

const struct image_strategy *image_strategy_named(const struct image *image, const char *name, uint32_t length)
{
    for (uint32_t i = 0; i < image->count[SECTION_STRATEGIES]; i++)
        if (text_is(image_text(image, image->strategies[i].name), name, length)) return &image->strategies[i];
    return NULL;
}

uint16_t image_register(const struct image *image, uint32_t function, uint8_t reg)
{
    const struct image_function *row = image_function(image, function);
    assert(reg < row->register_count);
    return image->registers[row->registers + reg];
}

uint32_t image_order_at(const struct image *image, const struct image_wait *wait)
{
    const struct image_line *lines = image->lines + wait->lines;
    uint32_t at = wait->line_count;
    if (!order_numbered(wait->order)->by) return at;
    while (at > 0 && (lines[at - 1].kind == LINE_TIE || lines[at - 1].kind == LINE_VALUE)) at--;
    return at > 0 && lines[at - 1].kind == LINE_ORDER ? at - 1 : wait->line_count;
}

const struct image_handler *image_handler_of(const struct image *image, uint32_t strategy, enum image_event event)
{
    for (uint32_t i = 0; i < image->count[SECTION_HANDLERS]; i++)
        if (image->handlers[i].event == event && image->handlers[i].strategy == strategy) return &image->handlers[i];
    return NULL;
}

const struct image_handler *image_handler_named(const struct image *image, uint32_t strategy, const char *name,
                                                uint32_t length)
{
    for (uint32_t i = 0; i < image->count[SECTION_HANDLERS]; i++) {
        const struct image_handler *row = &image->handlers[i];
        if (row->event == EVENT_SIGNAL && row->strategy == strategy && row->name.length == length &&
            memcmp(image->strings + row->name.offset, name, length) == 0)
            return row;
    }
    return NULL;
}

uint32_t image_strategy_index(const struct image *image, const struct image_strategy *strategy)
{
    return (uint32_t)(strategy - image->strategies);
}

const struct image_statement *image_statement_hashed(const struct image *image, const uint8_t hash[IMAGE_HASH])
{
    for (uint32_t i = 0; i < image->count[SECTION_STATEMENTS]; i++)
        if (memcmp(image->statements[i].hash, hash, IMAGE_HASH) == 0) return &image->statements[i];
    return NULL;
}

int32_t image_name_find(const struct image *image, uint16_t kind, const char *text, uint32_t length)
{
    uint32_t at = name_start(image, kind, text, length), found;
    for (; (found = image->names_found[at]) != 0; at = (at + 1) & image->names_mask) {
        const struct image_name *name = &image->names[found - 1];
        if (name->kind == kind && name->text.length == length &&
            memcmp(image->strings + name->text.offset, text, length) == 0)
            return (int32_t)found - 1;
    }
    return -1;
}

uint32_t image_slot_count(const struct image_strategy *strategy)
{
    return (uint32_t)strategy->common + strategy->slot_count;
}

/* Returns a key's row; the keys common to all strategies come first, then the strategy's own. */
const struct image_slot *image_slot(const struct image *image, const struct image_strategy *strategy, uint32_t slot)
{
    assert(slot < image_slot_count(strategy));
    return slot < strategy->common ? &image->slots[slot] : &image->slots[strategy->slots + slot - strategy->common];
}

/* Finds a key by its name; parameters are skipped, as they are not keys. */
int32_t image_slot_find(const struct image *image, const struct image_strategy *strategy, const char *name,
                        uint32_t length)
{
    for (uint32_t i = 0; i < image_slot_count(strategy); i++)
        if (!image_slot(image, strategy, i)->parameter &&
            text_is(image_text(image, image_slot(image, strategy, i)->name), name, length))
            return (int32_t)i;
    return -1;
}

bool image_key_secret(const struct image *image, const char *name, uint32_t length)
{
    bool found = false;
    for (uint32_t i = 0; i < image->secret_count && !found; i++) found = text_is(image->secrets[i], name, length);
    return found;
}

bool image_holds_secrets(const struct image *image)
{
    return image->holds_secrets;
}

struct text image_scenario(const struct image *image)
{
    return (struct text){image->scenario, image->count[SECTION_SCENARIO]};
}

/* Types. */

const struct image_type *image_type(const struct image *image, uint16_t type)
{
    uint32_t row = (uint32_t)type_base(type) - TYPE_OWN;
    return type_base(type) >= TYPE_OWN && row < image->count[SECTION_TYPES] ? &image->types[row] : NULL;
}

static bool type_is_kind(const struct image *image, uint16_t type, enum type_kind kind)
{
    const struct image_type *row = image_type(image, type);
    return row && row->kind == kind;
}

bool type_is_list(const struct image *image, uint16_t type)
{
    return type_is_kind(image, type, KIND_LIST);
}

bool type_is_map(const struct image *image, uint16_t type)
{
    return type_is_kind(image, type, KIND_MAP);
}

bool type_is_scores(const struct image *image, uint16_t type)
{
    uint16_t of = type_is_map(image, type) ? image_element(image, type) : (uint16_t)TYPE_VOID;
    return of == TYPE_INT || of == TYPE_DURATION || of == TYPE_PERCENT || of == TYPE_FLOAT;
}

bool type_is_record(const struct image *image, uint16_t type)
{
    return type_base(type) == TYPE_ERROR || type_base(type) == TYPE_BLOB || type_is_kind(image, type, KIND_RECORD);
}

bool type_is_enum(const struct image *image, uint16_t type)
{
    return type_is_kind(image, type, KIND_ENUM);
}

bool type_is_object(const struct image *image, uint16_t type)
{
    uint16_t base = type_base(type);
    return base == TYPE_STR || base == TYPE_VALUE || base == TYPE_ERROR || base == TYPE_BLOB ||
           (base >= TYPE_OWN && !type_is_enum(image, base));
}

static const char *const error_fields[ERROR_FIELDS] = {"reason", "code", "step"};
static const char *const blob_fields[BLOB_FIELDS] = {"store", "key", "length", "sha256", "media_type"};

uint32_t image_field_count(const struct image *image, uint16_t type)
{
    if (type_base(type) == TYPE_ERROR) return ERROR_FIELDS;
    if (type_base(type) == TYPE_BLOB) return BLOB_FIELDS;
    const struct image_type *row = image_type(image, type);
    return row && row->kind == KIND_RECORD ? row->count : 0;
}

uint16_t image_field_type(const struct image *image, uint16_t type, uint32_t field)
{
    assert(field < image_field_count(image, type));
    if (type_base(type) == TYPE_ERROR) return field == ERROR_FIELD_CODE ? TYPE_STR : TYPE_INT;
    if (type_base(type) == TYPE_BLOB) return field == BLOB_FIELD_LENGTH ? TYPE_INT : TYPE_STR;
    return image->fields[image_type(image, type)->first + field].type;
}

bool image_field_secret(const struct image *image, uint16_t type, uint32_t field)
{
    assert(field < image_field_count(image, type));
    return type_base(type) >= TYPE_OWN && image->fields[image_type(image, type)->first + field].secret != 0;
}

/* Returns the number of fields of a record, or of values of an enum. */
static uint32_t named_count(const struct image *image, uint16_t type)
{
    return type_is_enum(image, type) ? image_type(image, type)->count : image_field_count(image, type);
}

/* Returns a field's name; errors and blobs are records that every image has, so their fields are named here and not
 * in the file. */
struct text image_field_name(const struct image *image, uint16_t type, uint32_t field)
{
    assert(field < named_count(image, type));
    const char *own = type_base(type) == TYPE_ERROR  ? error_fields[field]
                      : type_base(type) == TYPE_BLOB ? blob_fields[field]
                                                     : NULL;
    if (own) return (struct text){own, (uint32_t)strlen(own)};
    return image_text(image, image->fields[image_type(image, type)->first + field].name);
}

int32_t image_field_find(const struct image *image, uint16_t type, const char *name, uint32_t length)
{
    for (uint32_t i = 0; i < named_count(image, type); i++)
        if (text_is(image_field_name(image, type, i), name, length)) return (int32_t)i;
    return -1;
}

uint16_t image_element(const struct image *image, uint16_t type)
{
    const struct image_type *row = image_type(image, type);
    return row && (row->kind == KIND_LIST || row->kind == KIND_MAP) ? row->element : (uint16_t)TYPE_VOID;
}
