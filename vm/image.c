/* vm/image.c - Loading an image: its header, hashes and sections; and reading it.
 *
 *     header | strings | types | ... | tables | ... | debug | scenario        each aligned to 8, in this order
 *
 * The file is not translated: the sections are arrays of the structs in image.h, and image_load() copies the bytes,
 * looks whether they are good and sets a pointer to each section. Three hashes stand in the header: of what decides
 * how the program acts, of the debug data, and of the tests. So an image without debug data is the same program.
 *
 *     header and hashes -> image_verify() -> debug_check() -> what reading needs: briefs of wait points, places
 *     of names, tries as automata, the code that runs, secret keys
 */
#include "vm/image.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vm/dense.h"
#include "vm/image_data.h"
#include "vm/memory.h"
#include "vm/quick.h"

const uint8_t section_row_bytes[SECTION_COUNT] = {
    [SECTION_STRINGS] = 1,
    [SECTION_TYPES] = sizeof(struct image_type),
    [SECTION_FIELDS] = sizeof(struct image_field),
    [SECTION_NAMES] = sizeof(struct image_name),
    [SECTION_CONSTANTS] = sizeof(struct image_constant),
    [SECTION_DATA] = 1,
    [SECTION_FUNCTIONS] = sizeof(struct image_function),
    [SECTION_REGISTERS] = 2,
    [SECTION_CODE] = 4,
    [SECTION_WAITS] = sizeof(struct image_wait),
    [SECTION_OPERANDS] = sizeof(struct image_operand),
    [SECTION_LINES] = sizeof(struct image_line),
    [SECTION_LIVE] = 4,
    [SECTION_TABLES] = 4,
    [SECTION_STATEMENTS] = sizeof(struct image_statement),
    [SECTION_SLOTS] = sizeof(struct image_slot),
    [SECTION_STRATEGIES] = sizeof(struct image_strategy),
    [SECTION_SETTINGS] = sizeof(struct image_setting),
    [SECTION_HANDLERS] = sizeof(struct image_handler),
    [SECTION_NATIVES] = sizeof(struct image_native),
    [SECTION_MEASURES] = sizeof(struct image_measure),
    [SECTION_LATCHES] = sizeof(struct image_latch),
    [SECTION_DEBUG] = 1,
    [SECTION_SCENARIO] = 1,
};
const char *const section_names[SECTION_COUNT] = {
    "strings",    "types",    "fields",   "names",   "constants", "data",    "functions",  "registers",
    "code",       "waits",    "operands", "lines",   "live",      "tables",  "statements", "slots",
    "strategies", "settings", "handlers", "natives", "measures",  "latches", "debug",      "scenario",
};

/* The file is the structs in memory: what is written here must have no holes, and the machine be little-endian. */
static_assert(sizeof(struct image_handler) == 16 && sizeof(struct image_native) == 64, "handlers, natives");
static_assert(sizeof(struct image_measure) == 24 && sizeof(struct image_latch) == 16, "measures, latches");
static_assert(sizeof(struct image_header) == 112 + 8 * SECTION_COUNT, "header");
static_assert(sizeof(struct image_type) == 16 && sizeof(struct image_field) == 16, "types");
static_assert(sizeof(struct image_name) == 16 && sizeof(struct image_constant) == 16, "names");
static_assert(sizeof(struct image_function) == 32 && sizeof(struct image_operand) == 4, "functions");
static_assert(sizeof(struct image_wait) == 56 && sizeof(struct image_line) == 16, "waits");
static_assert(sizeof(struct image_statement) == 48 && sizeof(struct image_slot) == 16, "statements");
static_assert(sizeof(struct image_strategy) == 32 && sizeof(struct image_setting) == 32, "strategies");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

static const struct image_header *header_of(const uint8_t *bytes)
{
    return (const struct image_header *)(const void *)bytes;
}

static void hash_section(crypto_generichash_state *state, const uint8_t *bytes, uint32_t section)
{
    const struct image_header *header = header_of(bytes);
    uint32_t row[2] = {section, header->section[section].length};
    crypto_generichash_update(state, (const uint8_t *)row, sizeof row);
    crypto_generichash_update(state, bytes + header->section[section].offset, row[1]);
}

void image_hash_semantic(const uint8_t *bytes, uint8_t hash[IMAGE_HASH])
{
    const struct image_header *header = header_of(bytes);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IMAGE_HASH);
    crypto_generichash_update(&state, bytes, sizeof header->magic + sizeof header->version);
    for (uint32_t s = 0; s < SECTION_SEMANTIC; s++) hash_section(&state, bytes, s);
    crypto_generichash_final(&state, hash, IMAGE_HASH);
}

void image_hash_apart(const uint8_t *bytes, enum section section, uint8_t hash[IMAGE_HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IMAGE_HASH);
    crypto_generichash_update(&state, header_of(bytes)->hash, IMAGE_HASH);
    hash_section(&state, bytes, section);
    crypto_generichash_final(&state, hash, IMAGE_HASH);
}

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

/* Sections follow one another, aligned to 8, with zeros between; the file ends where the last one does. */
static bool check_sections(const uint8_t *bytes, size_t length, struct error *error)
{
    const struct image_header *header = header_of(bytes);
    uint64_t at = sizeof *header;
    for (uint32_t s = 0; s < SECTION_COUNT; s++) {
        size_t here = offsetof(struct image_header, section) + s * sizeof header->section[0];
        uint32_t size = header->section[s].length;
        if (header->section[s].offset != at) return image_refuse(error, ERROR_INPUT, here, RULE_SECTION_PLACE);
        if (size > length - at) return image_refuse(error, ERROR_INPUT, here + 4, RULE_SECTION_LENGTH);
        if (size % section_row_bytes[s]) return image_refuse(error, ERROR_INPUT, here + 4, RULE_SECTION_ROWS);
        for (at += size; at % 8; at++)
            if (at >= length || bytes[at]) return image_refuse(error, ERROR_INPUT, (size_t)at, RULE_PADDING);
    }
    if (at != length) return image_refuse(error, ERROR_INPUT, (size_t)at, RULE_BEHIND);
    return true;
}

static bool image_check_header(const uint8_t *bytes, size_t length, struct error *error)
{
    if (length < sizeof(struct image_header)) return image_refuse(error, ERROR_INPUT, length, RULE_TOO_SHORT);
    const struct image_header *header = header_of(bytes);
    if (memcmp(header->magic, "GCXB", 4) != 0) return image_refuse(error, ERROR_INPUT, 0, RULE_MAGIC);
    if (header->version != IMAGE_VERSION)
        return image_refuse(error, ERROR_VERSION, offsetof(struct image_header, version), RULE_VERSION);
    if (header->size != length) return image_refuse(error, ERROR_INPUT, offsetof(struct image_header, size), RULE_SIZE);
    if (header->sections != SECTION_COUNT)
        return image_refuse(error, ERROR_INPUT, offsetof(struct image_header, sections), RULE_SECTIONS);
    if (!check_sections(bytes, length, error)) return false;
    uint8_t hash[IMAGE_HASH];
    image_hash_semantic(bytes, hash);
    if (memcmp(hash, header->hash, IMAGE_HASH) != 0)
        return image_refuse(error, ERROR_INPUT, offsetof(struct image_header, hash), RULE_HASH);
    image_hash_apart(bytes, SECTION_DEBUG, hash);
    if (memcmp(hash, header->debug_hash, IMAGE_HASH) != 0)
        return image_refuse(error, ERROR_INPUT, offsetof(struct image_header, debug_hash), RULE_DEBUG_HASH);
    image_hash_apart(bytes, SECTION_SCENARIO, hash);
    if (memcmp(hash, header->scenario_hash, IMAGE_HASH) != 0)
        return image_refuse(error, ERROR_INPUT, offsetof(struct image_header, scenario_hash), RULE_SCENARIO_HASH);
    return true;
}

static const void *section_at(const struct image *image, enum section section)
{
    return image->bytes + image->header->section[section].offset;
}

static void find_sections(struct image *image)
{
    for (uint32_t s = 0; s < SECTION_COUNT; s++)
        image->count[s] = image->header->section[s].length / section_row_bytes[s];
    image->strings = section_at(image, SECTION_STRINGS);
    image->types = section_at(image, SECTION_TYPES);
    image->fields = section_at(image, SECTION_FIELDS);
    image->names = section_at(image, SECTION_NAMES);
    image->constants = section_at(image, SECTION_CONSTANTS);
    image->data = section_at(image, SECTION_DATA);
    image->functions = section_at(image, SECTION_FUNCTIONS);
    image->registers = section_at(image, SECTION_REGISTERS);
    image->code = section_at(image, SECTION_CODE);
    image->waits = section_at(image, SECTION_WAITS);
    image->operands = section_at(image, SECTION_OPERANDS);
    image->lines = section_at(image, SECTION_LINES);
    image->live = section_at(image, SECTION_LIVE);
    image->tables = section_at(image, SECTION_TABLES);
    image->statements = section_at(image, SECTION_STATEMENTS);
    image->slots = section_at(image, SECTION_SLOTS);
    image->strategies = section_at(image, SECTION_STRATEGIES);
    image->settings = section_at(image, SECTION_SETTINGS);
    image->handlers = section_at(image, SECTION_HANDLERS);
    image->natives = section_at(image, SECTION_NATIVES);
    image->measures = section_at(image, SECTION_MEASURES);
    image->latches = section_at(image, SECTION_LATCHES);
    image->debug = section_at(image, SECTION_DEBUG);
    image->scenario = section_at(image, SECTION_SCENARIO);
}

/* Two programs may have the same text and read other types from it, or only one value: then it is not the same
 * statement. Types of an image's own are not told apart: no column has one. */
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

void image_put_statement_hashes(uint8_t *bytes)
{
    struct image image = {.bytes = bytes, .header = header_of(bytes)};
    find_sections(&image);
    struct image_statement *rows = (void *)(bytes + image.header->section[SECTION_STATEMENTS].offset);
    for (uint32_t i = 0; i < image.count[SECTION_STATEMENTS]; i++) image_hash_statement(&image, &rows[i], rows[i].hash);
}

/* The short ways of park.h read these and not the wait point itself: `words` is 0 where a fiber at it must go the long
 * way. */
static void make_briefs(struct image *image)
{
    image->briefs = memory_new((image->count[SECTION_WAITS] + 1) * sizeof *image->briefs);
    for (uint32_t i = 0; i < image->count[SECTION_WAITS]; i++) {
        const struct image_wait *wait = &image->waits[i];
        uint8_t registers = image->functions[wait->function].register_count;
        bool brief = registers <= 32 && wait->tries == OPERAND_NONE;
        image->briefs[i] = (struct wait_brief){.frame = {wait->function, (uint16_t)i, wait->pc},
                                               .live = brief && registers ? image->live[wait->live] : 0,
                                               .step = wait->step,
                                               .words = brief ? (uint8_t)(1 + wait->live_count) : (uint8_t)0,
                                               .registers = registers,
                                               .result = wait->result,
                                               .flags = wait->flags};
    }
}

/* The place at which the search for a name begins. The image's own hash is the seed: whoever makes an image cannot
 * choose names that all begin at one place. */
static uint32_t name_start(const struct image *image, uint16_t kind, const char *text, uint32_t length)
{
    uint64_t seed;
    memcpy(&seed, image->header->hash, sizeof seed);
    return (uint32_t)XXH3_64bits_withSeed(text, length, seed + kind) & image->names_mask;
}

static void place_names(struct image *image)
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

static void find_secrets(struct image *image)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < image->count[SECTION_SLOTS]; i++) count += image->slots[i].secret;
    if (!count) return;
    image->secrets = memory_new(count * sizeof *image->secrets);
    for (uint32_t i = 0; i < image->count[SECTION_SLOTS]; i++)
        if (image->slots[i].secret) image->secrets[image->secret_count++] = image_text(image, image->slots[i].name);
}

struct image *image_load(const void *bytes, size_t length, struct error *error)
{
    if (length > IMAGE_BYTES_MAX) {
        image_refuse(error, ERROR_LIMIT, 0, RULE_TOO_LONG);
        return NULL;
    }
    struct image *image = memory_new(sizeof *image);
    image->length = length;
    image->bytes = memory_new(length + 8); /* whole words may be read at the end of the strings */
    if (length) memcpy(image->bytes, bytes, length);
    image->header = header_of(image->bytes);
    if (!image_check_header(image->bytes, length, error)) {
        image_free(image);
        return NULL;
    }
    find_sections(image);
    image->starts = memory_new((image->count[SECTION_CODE] / 32 + 1) * sizeof *image->starts);
    image->data_types = memory_new((image->count[SECTION_DATA] / 8 + 1) * sizeof *image->data_types);
    if (!image_verify(image, error) || !debug_check(image, error)) {
        image_free(image);
        return NULL;
    }
    make_briefs(image);
    place_names(image);
    image->dense = dense_new(image);
    image->quick = quick_new(image);
    find_secrets(image);
    return image;
}

void image_free(struct image *image)
{
    if (!image) return;
    free(image->briefs);
    free(image->names_found);
    quick_free(image->quick);
    if (image->dense) dense_free(image, image->dense);
    free(image->bindings);
    free(image->starts);
    free(image->data_types);
    free(image->secrets);
    free(image->bytes);
    free(image);
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

const struct image_strategy *image_strategy(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_STRATEGIES]);
    return &image->strategies[index];
}

const struct image_function *image_function(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_FUNCTIONS]);
    return &image->functions[index];
}

const uint32_t *image_code(const struct image *image, const struct image_function *function)
{
    return image->code + function->code;
}

const struct image_wait *image_wait(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_WAITS]);
    return &image->waits[index];
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

const struct image_name *image_name(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_NAMES]);
    return &image->names[index];
}

const struct image_statement *image_statement(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_STATEMENTS]);
    return &image->statements[index];
}

const struct image_constant *image_constant(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_CONSTANTS]);
    return &image->constants[index];
}

const struct image_latch *image_latch(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_LATCHES]);
    return &image->latches[index];
}

const struct image_measure *image_measure(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_MEASURES]);
    return &image->measures[index];
}

const struct image_setting *image_setting(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_SETTINGS]);
    return &image->settings[index];
}

const struct image_native *image_native(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_NATIVES]);
    return &image->natives[index];
}

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

const struct image_handler *image_handler(const struct image *image, uint32_t index)
{
    assert(index < image->count[SECTION_HANDLERS]);
    return &image->handlers[index];
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

const struct image_slot *image_slot(const struct image *image, const struct image_strategy *strategy, uint32_t slot)
{
    assert(slot < image_slot_count(strategy));
    return slot < strategy->common ? &image->slots[slot] : &image->slots[strategy->slots + slot - strategy->common];
}

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

/* Fields of a record, values of an enum. */
static uint32_t named_count(const struct image *image, uint16_t type)
{
    return type_is_enum(image, type) ? image_type(image, type)->count : image_field_count(image, type);
}

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
