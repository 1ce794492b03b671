/* vm/load.c - Loads an image: its header, hashes and sections, and what is computed from them.
 *
 *     header | strings | types | ... | tables | ... | debug | scenario        each aligned to 8, in this order
 *
 * The file needs no conversion: the sections are arrays of the structs in image.h, and image_load() copies the
 * bytes, checks them and sets a pointer to each section. The header has three hashes: of everything that determines
 * how the program acts, of the debug data, and of the tests. So an image without debug data is the same program.
 *
 *     header and hashes -> image_verify() -> debug_check() -> what reading needs: briefs of wait points, places
 *     of names, tries as automata, the code that runs, secret keys
 *
 * The verifier reads an image by the functions of image.c, like everybody else; loading uses both. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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

/* The file has the structs as in memory: so they must have no padding, and the machine must be little-endian. */
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

/* Number and length of each section are hashed with its bytes: bytes moved from one section's end to the next one's
 * begin change the hash. */
void image_hash_semantic(const uint8_t *bytes, uint8_t hash[IMAGE_HASH])
{
    const struct image_header *header = header_of(bytes);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IMAGE_HASH);
    crypto_generichash_update(&state, bytes, sizeof header->magic + sizeof header->version);
    for (uint32_t s = 0; s < SECTION_SEMANTIC; s++) hash_section(&state, bytes, s);
    crypto_generichash_final(&state, hash, IMAGE_HASH);
}

/* The section is bound to the program by hashing the semantic hash first: so another program's debug data is
 * refused. */
void image_hash_apart(const uint8_t *bytes, enum section section, uint8_t hash[IMAGE_HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IMAGE_HASH);
    crypto_generichash_update(&state, header_of(bytes)->hash, IMAGE_HASH);
    hash_section(&state, bytes, section);
    crypto_generichash_final(&state, hash, IMAGE_HASH);
}

/* Checks that sections follow one another, aligned to 8, with zeros in between, and that the file ends with the last
 * one. */
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

/* Offsets and lengths are checked before anything is read there; the hashes come last, because they cover all
 * sections. */
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

void image_put_statement_hashes(uint8_t *bytes)
{
    struct image image = {.bytes = bytes, .header = header_of(bytes)};
    find_sections(&image);
    struct image_statement *rows = (void *)(bytes + image.header->section[SECTION_STATEMENTS].offset);
    for (uint32_t i = 0; i < image.count[SECTION_STATEMENTS]; i++) image_hash_statement(&image, &rows[i], rows[i].hash);
}

/* Makes the briefs, which the short forms in park.h read instead of the wait points: `words` is 0 if a fiber there
 * needs the general form. */
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

static void find_secrets(struct image *image)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < image->count[SECTION_SLOTS]; i++) count += image->slots[i].secret;
    if (count) image->secrets = memory_new(count * sizeof *image->secrets);
    for (uint32_t i = 0; count && i < image->count[SECTION_SLOTS]; i++)
        if (image->slots[i].secret) image->secrets[image->secret_count++] = image_text(image, image->slots[i].name);
    image->holds_secrets = count > 0;
    for (uint32_t i = 0; i < image->count[SECTION_FIELDS]; i++)
        image->holds_secrets = image->holds_secrets || image->fields[i].secret != 0;
    for (uint32_t i = 0; i < image->count[SECTION_WAITS]; i++)
        image->holds_secrets = image->holds_secrets || image->waits[i].flags & (WAIT_SECRET | WAIT_SECRET_ANSWER);
}

/* Copies the bytes, verifies and loads them. What only serves speed (briefs, hash table of names, automata, the
 * quick code) is made after the image was verified, and is not part of the file format. */
struct image *image_load(const void *bytes, size_t length, struct error *error)
{
    if (length > IMAGE_BYTES_MAX) {
        image_refuse(error, ERROR_LIMIT, 0, RULE_TOO_LONG);
        return NULL;
    }
    struct image *image = memory_new(sizeof *image);
    image->length = length;
    image->bytes = memory_new(length + 8); /* extra bytes, as whole words may be read at the end of the strings */
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
    image_place_names(image);
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
