/* vm/image_writer.c - Makes images: texts, types, names, constants, keys; and the file.
 *
 *     image_writer_new -> types, names, constants, keys, strategies -> functions -> image_writer_finish
 *
 * Texts, names and constants are stored once in an image: a hash table finds an existing row. An exceeded limit is
 * noted in `over`, and the writer continues, so that its callers need no checks; image_writer_finish() then fails.
 * Rows are stored in the order in which they are made: the same calls make the same file. */
#include "vm/image_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vm/image_data.h"
#include "vm/writer_data.h"
#include "base/utf8.h"

struct image_writer *image_writer_new(void)
{
    return memory_new(sizeof(struct image_writer));
}

static void writer_pending_free(struct writer_pending *pending)
{
    buffer_free(&pending->arguments);
    buffer_free(&pending->captures);
    buffer_free(&pending->exits);
    buffer_free(&pending->lines);
}

/* Frees everything that the writer owns; the file from image_writer_finish() belongs to the caller. */
void image_writer_free(struct image_writer *w)
{
    if (!w) return;
    for (uint32_t s = 0; s < SECTION_COUNT; s++) buffer_free(&w->section[s]);
    struct buffer *slots = (struct buffer *)(void *)w->slots_of.bytes;
    for (uint32_t i = 0; i < rows_of(&w->slots_of, sizeof *slots); i++) buffer_free(&slots[i]);
    struct buffer *all[] = {
        &w->name_index, &w->constant_index, &w->text_index, &w->texts,        &w->places, &w->variables, &w->sources,
        &w->debug_text, &w->slots_common,   &w->slots_of,   &w->table_starts, &w->labels, &w->fixups,    &w->live,
        &w->arms,       &w->media,          &w->arm_text,   &w->segments,     &w->blob,   &w->zones,     &w->zone_text};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) buffer_free(all[i]);
    writer_pending_free(&w->pending);
    free(w);
}

/* Finds a text; texts are stored once, with an open hash table of row numbers + 1, at most half full. */
static uint32_t *text_find(struct image_writer *w, const char *bytes, uint32_t length)
{
    uint32_t *index = (uint32_t *)(void *)w->text_index.bytes;
    uint32_t mask = rows_of(&w->text_index, 4) - 1;
    const struct image_text *texts = (const struct image_text *)(void *)w->texts.bytes;
    uint32_t at = (uint32_t)XXH3_64bits(bytes, length) & mask;
    while (index[at]) {
        const struct image_text *text = &texts[index[at] - 1];
        if (text->length == length && memcmp(w->section[SECTION_STRINGS].bytes + text->offset, bytes, length) == 0)
            break;
        at = (at + 1) & mask;
    }
    return &index[at];
}

/* Enlarges the hash table and enters all texts again, as an entry's position depends on the size of the table. */
static void text_index_grow(struct image_writer *w)
{
    uint32_t count = rows_of(&w->texts, sizeof(struct image_text)), size = rows_of(&w->text_index, 4);
    if (size > 2 * (count + 1)) return;
    buffer_free(&w->text_index);
    buffer_add(&w->text_index, (size ? size * 2 : 64) * sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        const struct image_text *text = (const struct image_text *)(void *)w->texts.bytes + i;
        *text_find(w, (const char *)w->section[SECTION_STRINGS].bytes + text->offset, text->length) = i + 1;
    }
}

/* Stores a text; the empty text has no row: it is offset 0, length 0. */
struct image_text writer_string(struct image_writer *w, const char *bytes, uint32_t length)
{
    if (length == 0) return (struct image_text){0, 0};
    writer_limit(w, length <= VALUE_TEXT_MAX, "a text is longer than 16 MiB");
    text_index_grow(w);
    uint32_t *row = text_find(w, bytes, length);
    if (!*row) {
        struct image_text text = {(uint32_t)w->section[SECTION_STRINGS].length, length};
        buffer_put(&w->section[SECTION_STRINGS], bytes, length);
        buffer_put(&w->texts, &text, sizeof text);
        *row = rows_of(&w->texts, sizeof text);
    }
    return ((const struct image_text *)(void *)w->texts.bytes)[*row - 1];
}

static struct image_text writer_text_of(struct image_writer *w, const char *text)
{
    return text ? writer_string(w, text, (uint32_t)strlen(text)) : (struct image_text){0, 0};
}

/* Types. */

static const struct image_type *type_row(const struct image_writer *w, uint16_t type)
{
    uint32_t row = (uint32_t)type_base(type) - TYPE_OWN;
    assert(type_base(type) < TYPE_OWN || row < rows_of(&w->section[SECTION_TYPES], sizeof(struct image_type)));
    return type_base(type) < TYPE_OWN ? NULL : (const struct image_type *)(void *)w->section[SECTION_TYPES].bytes + row;
}

static uint8_t writer_type_depth(const struct image_writer *w, uint16_t type)
{
    const struct image_type *row = type_row(w, type);
    return row ? row->depth : 0;
}

static uint16_t writer_add_type(struct image_writer *w, const struct image_type *type)
{
    struct buffer *types = &w->section[SECTION_TYPES];
    buffer_put(types, type, sizeof *type);
    uint32_t row = rows_of(types, sizeof *type) - 1;
    writer_limit(w, row < OBJECT_USER_DATA - TYPE_OWN && type->depth <= VALUE_DEPTH_MAX,
                 "types are too many or nested too deep");
    return (uint16_t)(TYPE_OWN + row);
}

/* Adds a type; lists and maps have no names, so two with the same element type are one type. Records and enums are
 * declared, and each is a separate type. */
static uint16_t add_sequence(struct image_writer *w, enum type_kind kind, uint16_t element)
{
    const struct image_type *types = (const struct image_type *)(void *)w->section[SECTION_TYPES].bytes;
    for (uint32_t i = 0; i < rows_of(&w->section[SECTION_TYPES], sizeof *types); i++)
        if (types[i].kind == kind && types[i].element == element) return (uint16_t)(TYPE_OWN + i);
    struct image_type type = {.kind = (uint8_t)kind, .element = element};
    type.depth = (uint8_t)(1 + writer_type_depth(w, element));
    return writer_add_type(w, &type);
}

uint16_t writer_list(struct image_writer *w, uint16_t element)
{
    return add_sequence(w, KIND_LIST, element);
}

uint16_t writer_map(struct image_writer *w, uint16_t element)
{
    return add_sequence(w, KIND_MAP, element);
}

/* Adds a record; its `depth` is that of the deepest field + 1. The verifier computes it again, and its limit bounds
 * recursion over values. */
uint16_t writer_record(struct image_writer *w, const char *name, const struct writer_field *fields, uint32_t count)
{
    struct image_type type = {.kind = KIND_RECORD, .name = writer_text_of(w, name)};
    type.first = (uint16_t)rows_of(&w->section[SECTION_FIELDS], sizeof(struct image_field));
    writer_limit(w, count <= 255 && rows_of(&w->section[SECTION_FIELDS], sizeof(struct image_field)) + count < 0x10000,
                 "a record has more than 255 fields, or all have more than 65,535");
    type.count = (uint16_t)count;
    for (uint32_t i = 0; i < count; i++) {
        struct image_field field = {.name = writer_string(w, fields[i].name, fields[i].length)};
        field.type = fields[i].type;
        field.secret = fields[i].secret;
        buffer_put(&w->section[SECTION_FIELDS], &field, sizeof field);
        uint8_t depth = writer_type_depth(w, field.type);
        if (depth > type.depth) type.depth = depth;
    }
    type.depth++;
    return writer_add_type(w, &type);
}

uint16_t writer_enum(struct image_writer *w, const char *name, const char *const *values, uint32_t count)
{
    struct image_type type = {.kind = KIND_ENUM, .name = writer_text_of(w, name)};
    type.first = (uint16_t)rows_of(&w->section[SECTION_FIELDS], sizeof(struct image_field));
    writer_limit(w, count <= 255, "an enum has more than 255 values");
    type.count = (uint16_t)count;
    for (uint32_t i = 0; i < count; i++) {
        struct image_field value = {.name = writer_text_of(w, values[i])};
        buffer_put(&w->section[SECTION_FIELDS], &value, sizeof value);
    }
    return writer_add_type(w, &type);
}

/* Names, constants, statements. */

/* Finds a row; equal rows are stored once, too. Returns the entry in the section's hash table that contains the
 * row's number + 1, or 0 if the row is new; the caller then enters the number. */
static uint32_t *row_find(struct buffer *index, const struct buffer *rows, const void *row, size_t size)
{
    uint32_t *slots = (uint32_t *)(void *)index->bytes, mask = rows_of(index, sizeof *slots) - 1;
    uint32_t at = (uint32_t)XXH3_64bits(row, size) & mask;
    while (slots[at] && memcmp(rows->bytes + (slots[at] - 1) * size, row, size) != 0) at = (at + 1) & mask;
    return &slots[at];
}

static uint32_t *row_place(struct buffer *index, const struct buffer *rows, const void *row, size_t size)
{
    uint32_t count = rows_of(rows, size), room = rows_of(index, sizeof(uint32_t));
    if (room <= 2 * (count + 1)) { /* at most half full */
        buffer_free(index);
        buffer_add(index, (room ? room * 2 : 64) * sizeof(uint32_t));
        for (uint32_t i = 0; i < count; i++) *row_find(index, rows, rows->bytes + i * size, size) = i + 1;
    }
    return row_find(index, rows, row, size);
}

uint16_t writer_name(struct image_writer *w, uint16_t kind, const char *text, uint32_t length)
{
    struct image_name name = {.text = writer_string(w, text, length), .kind = kind};
    struct buffer *rows = &w->section[SECTION_NAMES];
    uint32_t *place = row_place(&w->name_index, rows, &name, sizeof name);
    if (*place) return (uint16_t)(*place - 1);
    writer_limit(w, rows_of(rows, sizeof name) < IMAGE_NONE - 1, "there are more than 65,534 names");
    buffer_put(rows, &name, sizeof name);
    *place = rows_of(rows, sizeof name);
    return (uint16_t)(*place - 1);
}

uint16_t writer_constant(struct image_writer *w, uint16_t type, uint64_t word)
{
    struct image_constant constant = {.word = word, .type = type};
    struct buffer *rows = &w->section[SECTION_CONSTANTS];
    uint32_t *place = row_place(&w->constant_index, rows, &constant, sizeof constant);
    if (*place) return (uint16_t)(*place - 1);
    writer_limit(w, rows_of(rows, sizeof constant) < OPERAND_CONSTANT - 2, "there are more than 32,766 constants");
    buffer_put(rows, &constant, sizeof constant);
    *place = rows_of(rows, sizeof constant);
    return (uint16_t)(*place - 1);
}

uint64_t writer_text_word(struct image_writer *w, const char *bytes, uint32_t length)
{
    if (length <= VALUE_INLINE_MAX) return value_text_inline(bytes, length);
    return value_text_at(VALUE_IMAGE, writer_string(w, bytes, length).offset, length);
}

uint16_t writer_constant_text(struct image_writer *w, const char *bytes, uint32_t length)
{
    return writer_constant(w, TYPE_STR, writer_text_word(w, bytes, length));
}

/* Compares two keys, as block_text_order() of block.c does: maps in an image and in a block must have the same
 * order. */
static int key_order(const struct image_writer *w, uint64_t a, uint64_t b)
{
    const char *strings = (const char *)w->section[SECTION_STRINGS].bytes;
    char first[8], second[8];
    memcpy(first, &a, 8);
    memcpy(second, &b, 8);
    uint32_t la = value_text_length(a), lb = value_text_length(b);
    int order = memcmp(value_where(a) <= VALUE_INLINE_MAX ? first : strings + value_offset(a),
                       value_where(b) <= VALUE_INLINE_MAX ? second : strings + value_offset(b), la < lb ? la : lb);
    return order ? order : (la > lb) - (la < lb);
}

/* Sorts the pairs by their keys, in place, and returns how many are left: of pairs with equal keys the last one is
 * kept. Merge sort: sorted runs are merged, two at a time, into `other` and back. */
static uint32_t sort_pairs(const struct image_writer *w, uint64_t *pairs, uint64_t *other, uint32_t count)
{
    uint64_t *from = pairs, *to = other;
    for (uint32_t run = 1; run < count; run = count / 2 < run ? count : 2 * run) {
        for (uint32_t begin = 0; begin < count; begin += (count - begin) / 2 < run ? count - begin : 2 * run) {
            uint32_t left = begin, middle = count - begin < run ? count : begin + run;
            uint32_t right = middle, end = count - middle < run ? count : middle + run;
            for (uint32_t i = begin; i < end; i++) {
                bool first = left < middle && (right == end || key_order(w, from[2 * left], from[2 * right]) <= 0);
                uint32_t take = first ? left++ : right++;
                memcpy(to + 2 * i, from + 2 * take, 2 * sizeof *to);
            }
        }
        uint64_t *swapped = from;
        from = to, to = swapped;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept && key_order(w, from[2 * kept - 2], from[2 * i]) == 0) kept--;
        memmove(from + 2 * kept++, from + 2 * i, 2 * sizeof *from);
    }
    if (from != pairs) memcpy(pairs, from, (size_t)kept * 2 * sizeof *pairs);
    return kept;
}

/* Stores an object; a map's words are pairs of key and value, in the order of the keys. The buffer has space for two
 * copies: sort_pairs() merges from one half into the other. */
uint64_t writer_object(struct image_writer *w, uint16_t type, const uint64_t *words, uint32_t count)
{
    struct buffer *data = &w->section[SECTION_DATA];
    const struct image_type *row = type_row(w, type);
    assert(row);
    bool map = row->kind == KIND_MAP;
    uint64_t *sorted = memory_new((size_t)(count + 1) * 4 * sizeof *sorted);
    if (count) memcpy(sorted, words, (size_t)count * (map ? 2 : 1) * sizeof *sorted);
    if (map) count = sort_pairs(w, sorted, sorted + 2 * (size_t)count, count);
    struct heap_object object = {type_base(type), count};
    uint64_t word = value_object_at(VALUE_IMAGE, (uint32_t)data->length);
    buffer_put(data, &object, sizeof object);
    buffer_put(data, sorted, (size_t)count * (map ? 2 : 1) * sizeof *sorted);
    free(sorted);
    return word;
}

/* Stores a statement; the whole row is compared, so one text with two result types makes two statements. */
uint16_t writer_statement(struct image_writer *w, uint16_t source, enum statement_mode mode, uint16_t type,
                          uint16_t parameters, const char *sql, uint32_t length)
{
    struct image_statement row = {.sql = writer_string(w, sql, length),
                                  .source = source,
                                  .mode = (uint16_t)mode,
                                  .type = type,
                                  .parameters = parameters};
    const struct image_statement *rows = (const struct image_statement *)(void *)w->section[SECTION_STATEMENTS].bytes;
    uint32_t count = rows_of(&w->section[SECTION_STATEMENTS], sizeof row);
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(&rows[i], &row, sizeof row) == 0) return (uint16_t)i;
    writer_limit(w, count < IMAGE_NONE - 1, "there are more than 65,534 statements");
    buffer_put(&w->section[SECTION_STATEMENTS], &row, sizeof row);
    return (uint16_t)count;
}

/* Declared keys and strategies. */

static uint16_t add_slot(struct buffer *slots, struct image_slot slot)
{
    buffer_put(slots, &slot, sizeof slot);
    return (uint16_t)(rows_of(slots, sizeof slot) - 1);
}

uint16_t writer_slot_common(struct image_writer *w, const char *name, uint16_t type, bool secret)
{
    assert(w->slots_of.length == 0);
    return add_slot(&w->slots_common,
                    (struct image_slot){.name = writer_text_of(w, name), .type = type, .secret = secret});
}

uint32_t writer_measure(struct image_writer *w, const struct image_measure *row)
{
    struct buffer *rows = &w->section[SECTION_MEASURES];
    uint32_t count = rows_of(rows, sizeof *row);
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(rows->bytes + i * sizeof *row, row, sizeof *row) == 0) return i;
    buffer_put(rows, row, sizeof *row);
    writer_limit(w, count + 1 < IMAGE_NONE, "there are more than 65,534 measures");
    return count;
}

void writer_latch(struct image_writer *w, const char *name, uint16_t function, bool ticks)
{
    struct image_latch row = {.name = writer_text_of(w, name), .function = function, .ticks = ticks};
    buffer_put(&w->section[SECTION_LATCHES], &row, sizeof row);
    writer_limit(w, rows_of(&w->section[SECTION_LATCHES], sizeof row) <= IMAGE_LATCHES_MAX,
                 "there are more than 1,024 latches");
}

uint16_t writer_setting(struct image_writer *w, enum setting_kind kind, const char *name, uint16_t type,
                        uint16_t constant, uint16_t low, uint16_t high, const char *edit)
{
    struct image_setting row = {.name = writer_text_of(w, name),
                                .edit = writer_text_of(w, edit ? edit : ""),
                                .kind = (uint16_t)kind,
                                .type = type,
                                .constant = constant,
                                .low = low,
                                .high = high};
    buffer_put(&w->section[SECTION_SETTINGS], &row, sizeof row);
    writer_limit(w, rows_of(&w->section[SECTION_SETTINGS], sizeof row) < IMAGE_NONE,
                 "there are more than 65,534 settings");
    return (uint16_t)(rows_of(&w->section[SECTION_SETTINGS], sizeof row) - 1);
}

void writer_setting_doc(struct image_writer *w, uint16_t setting, const char *doc)
{
    char cut[SETTING_DOC_MAX + 1];
    uint32_t length = utf8_cut(doc, (uint32_t)strlen(doc), SETTING_DOC_MAX);
    memcpy(cut, doc, length);
    cut[length] = '\0';
    struct image_text text = writer_text_of(w, cut);
    struct image_setting *row = (struct image_setting *)(void *)w->section[SECTION_SETTINGS].bytes + setting;
    row->doc = text.offset;
    row->doc_length = (uint16_t)text.length;
}

uint16_t writer_native(struct image_writer *w, const char *library, const char *name, const uint8_t hash[IMAGE_HASH],
                       uint16_t result, const uint16_t *parameters, uint32_t count)
{
    struct image_native row = {.library = writer_text_of(w, library),
                               .name = writer_text_of(w, name),
                               .result = result,
                               .parameter_count = (uint16_t)count};
    assert(count <= NATIVE_ARGUMENTS_MAX);
    memcpy(row.hash, hash, IMAGE_HASH);
    for (uint32_t n = 0; n < count; n++) row.parameters[n] = parameters[n];
    buffer_put(&w->section[SECTION_NATIVES], &row, sizeof row);
    uint32_t rows = rows_of(&w->section[SECTION_NATIVES], sizeof row);
    writer_limit(w, rows <= IMAGE_NATIVES_MAX, "there are more than 256 natives");
    return (uint16_t)(rows - 1);
}

uint16_t writer_strategy(struct image_writer *w, const char *name, uint32_t media, int64_t lifetime_us)
{
    struct image_strategy row = {.name = writer_text_of(w, name),
                                 .function = IMAGE_NONE,
                                 .on_abandoned = IMAGE_NONE,
                                 .on_error = IMAGE_NONE,
                                 .media = media,
                                 .lifetime_us = lifetime_us};
    buffer_put(&w->section[SECTION_STRATEGIES], &row, sizeof row);
    buffer_add(&w->slots_of, sizeof(struct buffer));
    return (uint16_t)(rows_of(&w->section[SECTION_STRATEGIES], sizeof row) - 1);
}

/* Sets a strategy's media; its row has space for sixteen of them. The other media are kept in `w->media` until
 * put_strategy_media() makes a table. */
void writer_strategy_media(struct image_writer *w, uint16_t strategy, struct media_set media)
{
    struct image_strategy *rows = (struct image_strategy *)(void *)w->section[SECTION_STRATEGIES].bytes;
    assert(strategy < rows_of(&w->section[SECTION_STRATEGIES], sizeof *rows));
    rows[strategy].media = (uint32_t)(media.words[0] & UINT16_MAX);
    struct strategy_media more = {.strategy = strategy, .media = media};
    more.media.words[0] &= ~(uint64_t)UINT16_MAX;
    if (!media_set_is_empty(more.media)) buffer_put(&w->media, &more, sizeof more);
}

/* Appends the tables of further media last, in the order of the strategies. */
static void put_strategy_media(struct image_writer *w)
{
    struct image_strategy *rows = (struct image_strategy *)(void *)w->section[SECTION_STRATEGIES].bytes;
    const struct strategy_media *more = (const struct strategy_media *)(void *)w->media.bytes;
    for (uint32_t i = 0; i < rows_of(&w->media, sizeof *more); i++) {
        uint32_t start = rows_of(&w->section[SECTION_TABLES], 4), count = 0;
        assert(i == 0 || more[i].strategy > more[i - 1].strategy);
        EACH_MEDIUM(medium, more[i].media) count++;
        buffer_put(&w->table_starts, &start, sizeof start);
        buffer_put(&w->section[SECTION_TABLES], (const uint32_t[]){TABLE_MEDIA, IMAGE_NONE, count, 0},
                   4 * sizeof(uint32_t));
        EACH_MEDIUM(medium, more[i].media)
        {
            uint32_t word = medium;
            buffer_put(&w->section[SECTION_TABLES], &word, sizeof word);
        }
        rows[more[i].strategy].media |= rows_of(&w->table_starts, sizeof start) << STRATEGY_MEDIA_BITS;
    }
    writer_limit(w, rows_of(&w->table_starts, 4) < IMAGE_NONE, "there are more than 65,534 tables");
}

static uint16_t add_own(struct image_writer *w, uint16_t strategy, struct image_slot row)
{
    assert(strategy < rows_of(&w->slots_of, sizeof(struct buffer)));
    struct buffer *slots = (struct buffer *)(void *)w->slots_of.bytes + strategy;
    uint32_t slot = rows_of(&w->slots_common, sizeof row) + add_slot(slots, row);
    writer_limit(w, slot < IMAGE_SLOTS_MAX, "a strategy has more than 64 parameters and declared keys");
    return (uint16_t)slot;
}

uint16_t writer_slot(struct image_writer *w, uint16_t strategy, const char *name, uint16_t type, bool secret)
{
    return add_own(w, strategy, (struct image_slot){.name = writer_text_of(w, name), .type = type, .secret = secret});
}

uint16_t writer_parameter(struct image_writer *w, uint16_t strategy, const char *name, uint16_t type, uint16_t constant)
{
    return add_own(w, strategy,
                   (struct image_slot){.name = writer_text_of(w, name),
                                       .type = type,
                                       .parameter = 1,
                                       .constant = constant == IMAGE_NONE ? 0 : (uint16_t)(constant + 1)});
}

void writer_strategy_functions(struct image_writer *w, uint16_t strategy, uint16_t function, uint16_t on_abandoned,
                               uint16_t on_error)
{
    assert(strategy < rows_of(&w->section[SECTION_STRATEGIES], sizeof(struct image_strategy)));
    struct image_strategy *row = (struct image_strategy *)(void *)w->section[SECTION_STRATEGIES].bytes + strategy;
    row->function = function;
    row->on_abandoned = on_abandoned;
    row->on_error = on_error;
}

void writer_handler(struct image_writer *w, uint16_t strategy, enum image_event event, const char *signal,
                    uint16_t function)
{
    struct image_handler row = {
        .name = writer_text_of(w, signal), .strategy = strategy, .function = function, .event = (uint16_t)event};
    buffer_put(&w->section[SECTION_HANDLERS], &row, sizeof row);
}

void writer_scenario(struct image_writer *w, const void *tests, uint32_t length)
{
    buffer_put(&w->section[SECTION_SCENARIO], tests, length);
}

/* The file. */

/* Appends the keys: first those common to all strategies, once, then each strategy's own:
 *
 *     slots: | common | own of strategy 0 | own of strategy 1 | ...
 */
static void put_slots(struct image_writer *w)
{
    struct buffer *all = &w->section[SECTION_SLOTS], *own = (struct buffer *)(void *)w->slots_of.bytes;
    struct image_strategy *rows = (struct image_strategy *)(void *)w->section[SECTION_STRATEGIES].bytes;
    uint32_t strategies = rows_of(&w->slots_of, sizeof *own);
    if (strategies) buffer_put(all, w->slots_common.bytes, w->slots_common.length);
    for (uint32_t i = 0; i < strategies; i++) {
        rows[i].common = (uint16_t)rows_of(&w->slots_common, sizeof(struct image_slot));
        rows[i].slots = (uint16_t)rows_of(all, sizeof(struct image_slot));
        rows[i].slot_count = (uint16_t)rows_of(&own[i], sizeof(struct image_slot));
        buffer_put(all, own[i].bytes, own[i].length);
    }
    writer_limit(w, rows_of(all, sizeof(struct image_slot)) < 0x10000, "there are more than 65,535 declared keys");
}

/* Appends the tables: first their number and their offsets, then the tables one after another. */
static void put_tables(struct image_writer *w)
{
    uint32_t count = rows_of(&w->table_starts, 4);
    if (!count) return;
    struct buffer all = {0};
    buffer_put(&all, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t start = 1 + count + ((const uint32_t *)(void *)w->table_starts.bytes)[i];
        buffer_put(&all, &start, sizeof start);
    }
    buffer_put(&all, w->section[SECTION_TABLES].bytes, w->section[SECTION_TABLES].length);
    buffer_free(&w->section[SECTION_TABLES]);
    w->section[SECTION_TABLES] = all;
}

/* Appends the debug data, a section with its own hash: an image without debug data has the same semantic hash. */
static void put_debug(struct image_writer *w)
{
    struct buffer *debug = &w->section[SECTION_DEBUG];
    struct debug_header header = {rows_of(&w->places, sizeof(struct debug_place)),
                                  rows_of(&w->variables, sizeof(struct debug_variable)), (uint32_t)w->debug_text.length,
                                  rows_of(&w->sources, sizeof(struct debug_source))};
    if (!header.places && !header.variables) return;
    buffer_put(debug, &header, sizeof header);
    buffer_put(debug, w->places.bytes, w->places.length);
    buffer_put(debug, w->variables.bytes, w->variables.length);
    buffer_put(debug, w->sources.bytes, w->sources.length);
    buffer_put(debug, w->debug_text.bytes, w->debug_text.length);
}

bool image_writer_is_over(const struct image_writer *w)
{
    return w->over != NULL;
}

/* Appends what is only known at the end, so this must be called only once. The length checked is that of the file
 * that would be written. */
bool image_writer_fits(struct image_writer *w, struct error *error)
{
    assert(!w->in_function);
    put_slots(w);
    put_strategy_media(w);
    put_tables(w);
    put_debug(w);
    size_t length = sizeof(struct image_header);
    for (uint32_t s = 0; s < SECTION_COUNT; s++) {
        length += w->section[s].length;
        length += -length % 8;
    }
    writer_limit(w, length <= IMAGE_BYTES_MAX, "the image is longer than 64 MiB");
    if (w->over) error_set(error, ERROR_LIMIT, "the program is too large: %s", w->over);
    return !w->over;
}

/* Makes the file; the statements' hashes are covered by the semantic hash, so they are written first. Sections begin
 * at multiples of 8. */
void *image_writer_finish(struct image_writer *w, size_t *length, struct error *error)
{
    if (!image_writer_fits(w, error)) return NULL;
    struct buffer file = {0};
    struct image_header header = {.magic = "GCXB", .version = IMAGE_VERSION, .sections = SECTION_COUNT};
    buffer_add(&file, sizeof header);
    for (uint32_t s = 0; s < SECTION_COUNT; s++) {
        header.section[s].offset = (uint32_t)file.length;
        header.section[s].length = (uint32_t)w->section[s].length;
        buffer_put(&file, w->section[s].bytes, w->section[s].length);
        buffer_add(&file, -file.length % 8);
    }
    header.size = (uint32_t)file.length;
    struct image_header *place = (struct image_header *)(void *)file.bytes;
    memcpy(place, &header, sizeof header);
    image_put_statement_hashes(file.bytes);
    image_hash_semantic(file.bytes, place->hash);
    image_hash_apart(file.bytes, SECTION_DEBUG, place->debug_hash);
    image_hash_apart(file.bytes, SECTION_SCENARIO, place->scenario_hash);
    *length = file.length;
    return file.bytes;
}
