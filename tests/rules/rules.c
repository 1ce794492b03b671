/* tests/rules/rules.c - Breaks each rule of the verifier (vm/rules.def), one at a time.
 *
 *   rules [-v] IMAGE...    good images, which together use what there are rules for
 *
 * An image is altered in one place, its hashes are made anew, and the sentence with which it is refused tells the rule.
 * A place is one number, or a row more or one less. For the few rules that no such change of these images breaks there
 * is an image by hand. -v prints the change that broke each rule. Exits with 1, and the rules that nothing has broken,
 * where there are some: a new rule needs the construct that it is about in rules.gcx, or an image here. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/measure.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

enum {
    RULES = 0
#define RULE(name, text) +1
#include "vm/rules.def"
};

static const char *const rule_names[] = {
#define RULE(name, text) #name,
#include "vm/rules.def"
};

/* The image that is altered: a loaded one whose bytes are written over, and its bytes as they were. */
struct altered {
    const char *name;
    struct image *image;
    uint8_t *good;
    size_t length;
};

static bool rule_broken[RULES], loud;
static uint32_t missing = RULES;

static void *room(size_t size)
{
    void *at = calloc(1, size);
    if (!at) abort();
    return at;
}

static void *read_image(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = room(IMAGE_BYTES_MAX);
    *length = file ? fread(bytes, 1, IMAGE_BYTES_MAX, file) : 0;
    if (file) fclose(file);
    return bytes;
}

static struct image_header *head_of(uint8_t *file)
{
    return (struct image_header *)(void *)file;
}

/* Notes the rule that refuses: the sentence of one ends the message, and of no other. */
static void rule_note(const struct error *error, const char *name, const char *change, size_t at, uint64_t value)
{
    static size_t lengths[RULES];
    size_t said = strlen(error->text);
    for (uint32_t rule = 0; rule < RULES; rule++) {
        const char *text = image_rule_text((enum image_rule)rule);
        size_t own = lengths[rule] ? lengths[rule] : (lengths[rule] = strlen(text));
        if (said < own + 2 || error->text[said - own - 1] != ' ' || strcmp(error->text + said - own, text) != 0)
            continue;
        if (error->text[said - own - 2] != ':') continue;
        if (!rule_broken[rule]) missing--;
        if (!rule_broken[rule] && loud)
            printf("%-20s %s: %s %zu: %llx\n", rule_names[rule], name, change, at, (unsigned long long)value);
        rule_broken[rule] = true;
        return;
    }
    printf("no rule of vm/rules.def says: %s\n", error->text);
    exit(1);
}

static bool loads(const uint8_t *file, size_t length, const char *name, const char *change, size_t at, uint64_t value)
{
    struct error error = {0};
    struct image *image = image_load(file, length, &error);
    if (!image) rule_note(&error, name, change, at, value);
    image_free(image);
    return image != NULL;
}

static void hashes_anew(uint8_t *file)
{
    image_hash_semantic(file, head_of(file)->hash);
    image_hash_apart(file, SECTION_DEBUG, head_of(file)->debug_hash);
    image_hash_apart(file, SECTION_SCENARIO, head_of(file)->scenario_hash);
}

/* As loading does behind the hashes, which would always be made anew. */
static void verify_number(struct altered *a, size_t at, size_t width, uint64_t value)
{
    struct image *image = a->image;
    struct error error = {0};
    if (memcmp(image->bytes + at, &value, width) == 0) return;
    memcpy(image->bytes + at, &value, width);
    memset(image->starts, 0, (image->count[SECTION_CODE] / 32 + 1) * sizeof *image->starts);
    memset(image->data_types, 0, (image->count[SECTION_DATA] / 8 + 1) * sizeof *image->data_types);
    bool good = image_verify(image, &error) && debug_check(image, &error);
    if (!good) rule_note(&error, a->name, "number at", at, value);
    if (!good && strstr(error.text, image_rule_text(RULE_STATEMENT_HASH))) {
        image_put_statement_hashes(image->bytes);
        if (!image_verify(image, &error)) rule_note(&error, a->name, "number at", at, value);
        memcpy(image->bytes, a->good, a->length);
    }
    memcpy(image->bytes + at, a->good + at, width);
}

/* Near to what it is, a byte other in a bit, an end, and as in rows near by. */
static void verify_numbers(struct altered *a, size_t at, size_t width, size_t row)
{
    static const uint64_t ends[] = {0,      1,      2,          3,         0xff,      TYPE_CLOCK, MEASURE_GIVEN,
                                    0x7fff, 0xffff, 0xffffffff, INT64_MAX, UINT64_MAX};
    uint64_t was = 0, other = 0;
    memcpy(&was, a->good + at, width);
    for (uint64_t near = 1; near <= (width == 1 ? 3 : 1); near++) {
        verify_number(a, at, width, was + near);
        verify_number(a, at, width, was - near);
    }
    for (unsigned bit = 0; bit < 8 && width == 1; bit++) verify_number(a, at, width, was ^ UINT64_C(1) << bit);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) verify_number(a, at, width, ends[i]);
    for (size_t back = row; back <= 3 * row && back <= at; back += row) {
        memcpy(&other, a->good + at - back, width);
        verify_number(a, at, width, other);
    }
}

/* All bytes of an automaton's last class are in its first one: of bytes that are many, so no number alone does it. */
static void verify_classes(struct altered *a)
{
    const uint32_t *tables = a->image->tables;
    struct error error = {0};
    for (uint32_t i = 0; a->image->count[SECTION_TABLES] > 0 && i < tables[0]; i++) {
        const uint32_t *table = tables + tables[1 + i];
        if (table[0] != TABLE_AUTOMATON) continue;
        uint8_t *classes = a->image->bytes + ((const uint8_t *)(table + 5) - a->image->bytes);
        for (unsigned byte = 0; byte < 256; byte++)
            if (classes[byte] == table[4] - 1) classes[byte] = 0;
        if (!image_verify(a->image, &error)) rule_note(&error, a->name, "the last class of table", i, 0);
        memcpy(a->image->bytes, a->good, a->length);
    }
}

/* The file with so many rows of that section more, all of whose bytes are `fill`, or, -1, that are those of the row
 * before; `more` -1: one less. */
static void load_rows(const struct altered *a, unsigned section, size_t at, int more, int fill)
{
    const struct image_header *from = (const struct image_header *)(const void *)a->good;
    size_t row = section_row_bytes[section], added = more > 0 ? (size_t)more * row : 0, place = sizeof *from;
    uint8_t *file = room(a->length + added + 16);
    memcpy(file, from, sizeof *from);
    for (unsigned s = 0; s < SECTION_COUNT; s++) {
        const uint8_t *bytes = a->good + from->section[s].offset;
        size_t length = from->section[s].length, kept = s == section ? at : length;
        size_t skipped = s == section && more < 0 ? row : 0, to = kept;
        memcpy(file + place, bytes, kept);
        if (s == section && more > 0) {
            if (fill < 0 && at >= row) memcpy(file + place + to, bytes + at - row, row);
            if (fill > 0) memset(file + place + to, fill, added);
            to += added;
        }
        memcpy(file + place + to, bytes + kept + skipped, length - kept - skipped);
        to += length - kept - skipped;
        head_of(file)->section[s].offset = (uint32_t)place;
        head_of(file)->section[s].length = (uint32_t)to;
        place += (to + 7) & ~(size_t)7;
    }
    head_of(file)->size = (uint32_t)place;
    hashes_anew(file);
    loads(file, place, a->name, section_names[section], at, (uint64_t)more);
    free(file);
}

/* Each number of the header; the first byte of each section, whose hash is left as it was; more bytes, and fewer. */
static void load_headers(const struct altered *a)
{
    const struct image_header *header = (const struct image_header *)(const void *)a->good;
    uint8_t *file = room(a->length + 8);
    memcpy(file, a->good, a->length);
    for (size_t at = 0; at < sizeof *header; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            file[at] ^= (uint8_t)(1u << bit);
            loads(file, a->length, a->name, "header at", at, bit);
            file[at] ^= (uint8_t)(1u << bit);
        }
    for (unsigned s = 0; s < SECTION_COUNT; s++) {
        size_t begin = header->section[s].offset, end = begin + header->section[s].length;
        for (size_t at = begin; end < a->length && at <= end; at += end - begin + !(end - begin)) {
            file[at]++;
            loads(file, a->length, a->name, "byte at", at, 1);
            file[at]--;
        }
    }
    loads(file, sizeof *header - 1, a->name, "bytes", sizeof *header - 1, 0);
    loads(file, (size_t)IMAGE_BYTES_MAX + 1, a->name, "bytes", (size_t)IMAGE_BYTES_MAX + 1, 0); /* it reads none */
    head_of(file)->size += 8;
    loads(file, a->length + 8, a->name, "bytes", a->length + 8, 0);
    free(file);
}

static void alter(const char *name, const uint8_t *good, size_t length)
{
    struct error error = {0};
    struct altered a = {name, image_load(good, length, &error), room(length), length};
    if (!a.image) {
        printf("%s: %s\n", name, error.text);
        exit(1);
    }
    memcpy(a.good, good, length);
    load_headers(&a);
    verify_classes(&a);
    for (unsigned s = 0; s <= SECTION_DEBUG && missing > 0; s++) {
        size_t row = section_row_bytes[s], size = a.image->header->section[s].length;
        size_t from = a.image->header->section[s].offset;
        load_rows(&a, s, size, 1, 0);
        load_rows(&a, s, size, 1, 0xff);
        if (s == SECTION_NATIVES) load_rows(&a, s, size, IMAGE_NATIVES_MAX + 1, 0);
        for (size_t at = 0; row > 1 && at <= size; at += row) {
            load_rows(&a, s, at, 1, -1);
            if (at < size) load_rows(&a, s, at, -1, 0);
        }
        if (s == SECTION_STRINGS || s == SECTION_DEBUG) size = size < 64 ? size : 64; /* all alike, and many */
        size_t widest = row < 4 ? (row == 1 ? 4 : row) : row % 8 == 0 ? 8 : 4;
        for (size_t at = from; at < from + size && missing > 0; at++)
            for (size_t width = 1; width <= widest; width *= 2)
                if (at % width == 0 && at + width <= from + size) verify_numbers(&a, at, width, row == 1 ? 8 : row);
    }
    free(a.good);
    image_free(a.image);
}

/* --- Images by hand --- */

static uint16_t hand_text(struct image_writer *w)
{
    return (uint16_t)(OPERAND_CONSTANT | writer_constant_text(w, "text", 4));
}

static uint16_t hand_seconds(struct image_writer *w)
{
    return (uint16_t)(OPERAND_CONSTANT | writer_constant(w, TYPE_DURATION, 1000000));
}

static void hand_stop(struct image_writer *w)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, hand_text(w));
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
}

static uint16_t hand_function(struct image_writer *w, enum function_kind kind, uint16_t strategy, unsigned parameters,
                              uint16_t result)
{
    return writer_function_begin(w, "f", kind, strategy, (uint8_t)parameters, result);
}

/* A busy block of select that calls a subroutine, or has a step that cannot be cut off; a child is no other. */
static uint16_t hand_busy(struct image_writer *w, uint16_t strategy, bool calls)
{
    uint16_t asks = hand_function(w, FUNCTION_SUBROUTINE, IMAGE_NONE, 0, TYPE_VOID);
    writer_abc(w, OP_RETURN_VOID, 0, 0, 0);
    writer_function_end(w);
    uint16_t busy = hand_function(w, FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    if (calls) {
        writer_wait_begin(w, NULL);
        writer_call_wait(w, asks, REGISTER_NONE);
    } else {
        hand_stop(w);
    }
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    return busy;
}

/* A line's condition: of nothing, or of a record that it captures. */
static uint16_t hand_leaf(struct image_writer *w, uint16_t captures)
{
    uint16_t leaf = hand_function(w, FUNCTION_LEAF, IMAGE_NONE, captures != TYPE_VOID, TYPE_BOOL);
    if (captures != TYPE_VOID) writer_register(w, captures);
    writer_abc(w, OP_RETURN, writer_register(w, TYPE_BOOL), 0, 0);
    writer_function_end(w);
    return leaf;
}

enum by_hand { BUSY_THAT_CALLS, BUSY_THAT_STOPS, LINES_65, LINE_OF_RECORD, BLOB_CHANGED, WHERE_17, BY_HAND };

/* A line whose condition captures one value more than the core has room for. */
static uint16_t hand_where(struct image_writer *w)
{
    uint16_t where = hand_function(w, FUNCTION_PLAIN, IMAGE_NONE, IMAGE_CAPTURES_MAX + 1, TYPE_BOOL);
    for (unsigned at = 0; at <= IMAGE_CAPTURES_MAX; at++) writer_register(w, TYPE_BOOL);
    writer_abc(w, OP_RETURN, 0, 0, 0);
    writer_function_end(w);
    return where;
}

static void load_by_hand(enum by_hand what)
{
    struct error error = {0};
    size_t length;
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "by hand", 0, 0), vq = writer_name(w, TYPE_VQ, "q", 1);
    const struct writer_field field = {"n", 1, TYPE_INT, false};
    uint16_t record = writer_record(w, "r", &field, 1),
             captures = what == LINE_OF_RECORD ? record : (uint16_t)TYPE_VOID;
    uint16_t leaf = hand_leaf(w, captures), where = hand_where(w), values[IMAGE_CAPTURES_MAX + 1];
    uint16_t busy = what <= BUSY_THAT_STOPS ? hand_busy(w, strategy, what == BUSY_THAT_CALLS) : (uint16_t)IMAGE_NONE;
    uint16_t body = hand_function(w, FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t of = writer_register(w, record), blob = writer_register(w, TYPE_BLOB), text = writer_register(w, TYPE_STR);
    uint16_t captured[] = {of};
    if (what == BLOB_CHANGED) writer_abcd(w, OP_FIELD_SET, blob, blob, BLOB_FIELD_KEY, text);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, (uint16_t)(OPERAND_CONSTANT | writer_constant(w, TYPE_VQ, vq)));
    writer_wait_timeout(w, hand_seconds(w));
    for (unsigned at = 0; at <= IMAGE_CAPTURES_MAX; at++)
        values[at] = (uint16_t)(OPERAND_CONSTANT | writer_constant(w, TYPE_BOOL, 1));
    if (what == WHERE_17) writer_wait_where(w, where, values, IMAGE_CAPTURES_MAX + 1, false);
    for (unsigned line = 0; line < (what == LINES_65 ? 65 : 1); line++)
        writer_wait_line_leaf(w, OPERAND_NONE, leaf, captured, captures != TYPE_VOID);
    if (busy != IMAGE_NONE) writer_wait_busy(w, busy, NULL, 0);
    writer_step(w, STEP_ID_select, REGISTER_NONE);
    hand_stop(w);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(w, &length, &error);
    image_writer_free(w);
    if (!bytes || loads(bytes, length, "by hand", "image", what, 0)) {
        printf("by hand: image %u is not refused: %s\n", what, error.text);
        exit(1);
    }
    free(bytes);
}

int main(int count, char **arguments)
{
    loud = count > 1 && strcmp(arguments[1], "-v") == 0;
    for (unsigned what = 0; what < BY_HAND; what++) load_by_hand((enum by_hand)what);
    for (int i = 1 + loud; i < count && missing > 0; i++) {
        size_t length;
        uint8_t *good = read_image(arguments[i], &length);
        alter(arguments[i], good, length);
        free(good);
    }
    for (uint32_t rule = 0; rule < RULES; rule++)
        if (!rule_broken[rule])
            printf("not broken: %s: %s\n", rule_names[rule], image_rule_text((enum image_rule)rule));
    return missing > 0;
}
