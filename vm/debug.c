/* vm/debug.c - Reads debug data: where instructions come from and the names of registers.
 *
 * SECTION_DEBUG is empty, or: struct debug_header; `places` rows of struct debug_place, ascending by function and pc,
 * each valid up to the next of its function; `variables` rows of struct debug_variable, in the same order, each valid
 * up to the next of its function and register (an empty name ends it), or, if the register is REGISTER_NONE, "INDEX
 * LINE": the source line of a target of the selection that begins there; `sources` rows of struct debug_source, the
 * files in the order in which they were read; `text` bytes, to parts of which the rows refer. */
#include <sodium.h>
#include <string.h>

#include "vm/image_data.h"
#include "base/utf8.h"

struct debug {
    struct debug_header header;
    const struct debug_place *places;
    const struct debug_variable *variables;
    const struct debug_source *sources;
    const char *text;
};

static bool debug_find(const struct image *image, struct debug *debug)
{
    uint32_t size = image->count[SECTION_DEBUG];
    memset(debug, 0, sizeof *debug);
    if (size == 0) return true;
    if (size < sizeof debug->header) return false;
    memcpy(&debug->header, image->debug, sizeof debug->header);
    uint64_t places = sizeof(struct debug_place) * (uint64_t)debug->header.places;
    uint64_t variables = sizeof(struct debug_variable) * (uint64_t)debug->header.variables;
    uint64_t sources = sizeof(struct debug_source) * (uint64_t)debug->header.sources;
    if (sizeof debug->header + places + variables + sources + debug->header.text != size) return false;
    const uint8_t *at = image->debug + sizeof debug->header;
    debug->places = (const struct debug_place *)(const void *)at;
    debug->variables = (const struct debug_variable *)(const void *)(at + places);
    debug->sources = (const struct debug_source *)(const void *)(at + places + variables);
    debug->text = (const char *)at + places + variables + sources;
    return true;
}

static bool piece_good(const struct debug *debug, uint32_t at, uint32_t length)
{
    return at <= debug->header.text && length <= debug->header.text - at && utf8_is_text(debug->text + at, length);
}

bool debug_check(const struct image *image, struct error *error)
{
    struct debug debug;
    uint32_t offset = image->header->section[SECTION_DEBUG].offset, before = 0;
    bool good = debug_find(image, &debug);
    for (uint32_t i = 0; good && i < debug.header.places; i++) {
        uint32_t key = (uint32_t)debug.places[i].function << 16 | debug.places[i].pc;
        good = (i == 0 || key > before) && debug.places[i].function < image->count[SECTION_FUNCTIONS] &&
               piece_good(&debug, debug.places[i].file, debug.places[i].file_length);
        before = key;
    }
    before = 0;
    for (uint32_t i = 0; good && i < debug.header.variables; i++) {
        uint32_t key = (uint32_t)debug.variables[i].function << 16 | debug.variables[i].pc;
        good = key >= before && debug.variables[i].function < image->count[SECTION_FUNCTIONS] &&
               piece_good(&debug, debug.variables[i].name, debug.variables[i].name_length);
        before = key;
    }
    for (uint32_t i = 0; good && i < debug.header.sources; i++)
        good = piece_good(&debug, debug.sources[i].path, debug.sources[i].path_length);
    return good || image_refuse(error, ERROR_INPUT, offset, RULE_DEBUG);
}

bool image_place(const struct image *image, uint32_t function, uint32_t pc, struct image_place *place)
{
    struct debug debug;
    uint32_t low = 0;
    if (!debug_find(image, &debug)) return false;
    for (uint32_t high = debug.header.places; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        const struct debug_place *row = &debug.places[middle];
        if (row->function < function || (row->function == function && row->pc <= pc))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || debug.places[low - 1].function != function) return false;
    const struct debug_place *row = &debug.places[low - 1];
    *place = (struct image_place){{debug.text + row->file, row->file_length}, row->line, row->column};
    return true;
}

bool image_place_at(const struct image *image, uint32_t index, uint32_t *function, uint32_t *pc,
                    struct image_place *place)
{
    struct debug debug;
    if (!debug_find(image, &debug) || index >= debug.header.places) return false;
    const struct debug_place *row = &debug.places[index];
    *function = row->function;
    *pc = row->pc;
    *place = (struct image_place){{debug.text + row->file, row->file_length}, row->line, row->column};
    return true;
}

/* Returns the row that is valid for the register at pc; NULL: there is none. */
static const struct debug_variable *variable_at(const struct debug *debug, uint32_t function, uint32_t pc, uint8_t reg)
{
    const struct debug_variable *found = NULL;
    for (uint32_t i = 0; i < debug->header.variables; i++) {
        const struct debug_variable *row = &debug->variables[i];
        if (row->function > function || (row->function == function && row->pc > pc)) break;
        if (row->function == function && row->reg == reg) found = row;
    }
    return found;
}

struct text image_variable(const struct image *image, uint32_t function, uint32_t pc, uint8_t reg)
{
    struct debug debug;
    const struct debug_variable *row = debug_find(image, &debug) ? variable_at(&debug, function, pc, reg) : NULL;
    return row ? (struct text){debug.text + row->name, row->name_length} : (struct text){"", 0};
}

bool image_variable_secret(const struct image *image, uint32_t function, uint32_t pc, uint8_t reg)
{
    struct debug debug;
    const struct debug_variable *row = debug_find(image, &debug) ? variable_at(&debug, function, pc, reg) : NULL;
    return row && row->secret != 0;
}

bool image_variable_at(const struct image *image, uint32_t index, struct text *name)
{
    struct debug debug;
    if (!debug_find(image, &debug) || index >= debug.header.variables) return false;
    const struct debug_variable *row = &debug.variables[index];
    *name = (struct text){debug.text + row->name, row->reg == REGISTER_NONE ? 0 : row->name_length};
    return true;
}

/* Reads the digits from `at` on, and sets `at` to the position after them. */
static uint32_t debug_number_at(const char *text, uint32_t length, uint32_t *at)
{
    uint32_t number = 0;
    for (; *at < length && text[*at] >= '0' && text[*at] <= '9'; ++*at)
        number = number * 10 + (uint32_t)(text[*at] - '0');
    return number;
}

uint32_t image_line_position(const struct image *image, const struct image_wait *wait, uint32_t index)
{
    struct debug debug;
    if (!debug_find(image, &debug)) return 0;
    for (uint32_t i = 0; i < debug.header.variables; i++) {
        const struct debug_variable *row = &debug.variables[i];
        if (row->reg != REGISTER_NONE || row->function != wait->function || row->pc != wait->pc) continue;
        const char *text = debug.text + row->name;
        uint32_t at = 0;
        bool its = debug_number_at(text, row->name_length, &at) == index;
        if (its && at++ < row->name_length) return debug_number_at(text, row->name_length, &at);
    }
    return 0;
}

bool image_source(const struct image *image, uint32_t index, struct text *path)
{
    struct debug debug;
    if (!debug_find(image, &debug) || index >= debug.header.sources) return false;
    *path = (struct text){debug.text + debug.sources[index].path, debug.sources[index].path_length};
    return true;
}

void debug_source_hash(const void *bytes, size_t length, uint8_t hash[IMAGE_HASH])
{
    crypto_generichash(hash, IMAGE_HASH, bytes, length, NULL, 0);
}

bool image_source_is(const struct image *image, uint32_t index, const void *bytes, size_t length)
{
    struct debug debug;
    uint8_t hash[IMAGE_HASH];
    if (!debug_find(image, &debug) || index >= debug.header.sources) return false;
    debug_source_hash(bytes, length, hash);
    return memcmp(hash, debug.sources[index].hash, IMAGE_HASH) == 0;
}
