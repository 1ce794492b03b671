/* runtime/debugger/show.c - Shows lines, variables and tables to people.
 *
 * Values are written as the language writes them (show_literal), so that what is shown can be used in an expression,
 * or pasted into a test. A secret is shown as stars, unless `reveals` says that the user has been allowed to see it;
 * secret is a variable or key declared so, and a text equal to a secret key's, which may have been passed to a
 * function.
 *
 *     a name is looked up in this order: variables of the frame -> declared keys -> attributes and other user data
 *
 * Two kinds of output: tables for people, printed at once, and values as literals, which return whether the language
 * could read them back. A value that has no literal, such as a target, is still written, and the function returns
 * false. All text that may come from outside is printed by shown_print(), so that it cannot control the terminal. */
#include "runtime/debugger/show.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/core.h"
#include "runtime/core/read/beside.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/spell.h"
#include "runtime/debugger/typed.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/kv.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/vocabulary.h"

enum { AROUND = 5, VALUE_TEXT = 4096, COUNTER = 48 };

uint64_t show_number(uint64_t interaction)
{
    /* the number without the bits of the partition, which are always the same */
    return interaction & ((UINT64_C(1) << COUNTER) - 1);
}

/* ---- the source ---- */

/* Prints a warning if the file is no longer the one that was compiled. */
static void tell_changed(const struct image *image, struct text path, const char *bytes, size_t length)
{
    struct text source;
    for (uint32_t i = 0; image_source(image, i, &source); i++)
        if (source.length == path.length && memcmp(source.bytes, path.bytes, path.length) == 0 &&
            !image_source_is(image, i, bytes, length))
            shown_print(stdout, "(%.*s has changed since it was compiled: these may not be its lines)\n",
                        (int)path.length, path.bytes);
}

/* Returns the whole file, malloc'ed; NULL: it cannot be read, and a message says so. */
static char *shown_source(const struct image *image, struct text path)
{
    char name[1024];
    size_t length;
    (void)snprintf(name, sizeof name, "%.*s", (int)path.length, path.bytes);
    char *text = variant_read(name, &length);
    if (text)
        tell_changed(image, path, text, length);
    else
        shown_print(stdout, "(the source %s cannot be read)\n", name);
    return text;
}

void show_lines(const struct image *image, struct text path, uint32_t first, uint32_t last, uint32_t here)
{
    char *text = shown_source(image, path);
    uint32_t line = 1;
    for (const char *at = text; at && *at && line <= last; line++) {
        size_t length = strcspn(at, "\n");
        if (line >= first)
            shown_print(stdout, "%s%-4" PRIu32 " %.*s\n", line == here ? "> " : "  ", line, (int)length, at);
        at += length + (at[length] != '\0');
    }
    if (text && line <= first) puts("(the source has no more lines)");
    free(text);
}

static void put_where(const struct debugger *d, const struct image_place *at, uint32_t function)
{
    struct text name = image_text(d->look.image, image_function(d->look.image, function)->name);
    shown_print(stdout, "%.*s at %.*s:%" PRIu32 "\n", (int)name.length, name.bytes, (int)at->file.length,
                at->file.bytes, at->line);
}

void show_place(struct debugger *d)
{
    uint32_t function, pc;
    struct image_place at;
    if (!debugger_frame(d, &function, &pc, &at)) return;
    printf("[%" PRIu64 "] ", show_number(d->place.interaction));
    put_where(d, &at, function);
    show_lines(d->program, at.file, at.line, at.line, at.line);
}

/* Shows source lines; without a line number, those after the lines shown last. */
void show_source(struct debugger *d, uint32_t line)
{
    uint32_t function, pc;
    struct image_place at;
    if (!debugger_frame(d, &function, &pc, &at)) {
        const struct image *image = d->program;
        d->look.image = image;
        if (!image_place(image, image_strategy(image, 0)->function, 0, &at)) return;
        if (line == 0 && d->listed == 0) line = at.line;
        at.line = 0;
    }
    if (line == 0) line = d->listed > 0 ? d->listed + AROUND + 1 : at.line;
    uint32_t first = line > AROUND ? line - AROUND : 1;
    show_lines(d->program, at.file, first, line + AROUND - 1, at.line);
    d->listed = line + AROUND - 1;
}

void show_source_of(struct debugger *d, const char *file, uint32_t line)
{
    const struct text path = {file, (uint32_t)strlen(file)};
    show_lines(d->program, path, line > AROUND ? line - AROUND : 1, line + AROUND - 1, line);
}

/* ---- the timeline ---- */

/* Adds a line to the timeline; it is also printed, unless an earlier part is silently played again. */
void show_line(struct debugger *d, uint64_t at_us, const char *component, const char *text)
{
    char *line = NULL;
    size_t length;
    FILE *out = memory_stream(&line, &length);
    fprintf(out, "%6" PRIu64 ".%03" PRIu64 "s %-8s ", at_us / 1000000, at_us / 1000 % 1000, component);
    units_put(d->program, text, out);
    fputc('\n', out);
    fclose(out);
    if (d->timeline_file) fputs(line, d->timeline_file);
    if (debugger_speaks(d)) fputs(line, stdout);
    free(line);
}

void show_timeline_of(struct debugger *d, const char *word)
{
    bool any = false;
    fflush(d->timeline_file);
    for (const char *at = d->timeline, *end; at < d->timeline + d->timeline_length; at = end + 1) {
        end = at + strcspn(at, "\n");
        const char *found = strstr(at, word);
        if (!found || found >= end) continue;
        fwrite(at, 1, (size_t)(end - at) + 1, stdout);
        any = true;
    }
    if (!any) shown_print(stdout, "No line so far has '%s'.\n", word);
}

void show_timeline(struct debugger *d, uint32_t last)
{
    fflush(d->timeline_file);
    const char *from = d->timeline + d->timeline_length;
    if (last == 0) from = d->timeline;
    for (uint32_t lines = 0; from > d->timeline; from--)
        if (from[-1] == '\n' && lines++ == last) break;
    fputs(from, stdout);
}

/* ---- values ---- */

static bool value_put_text(const struct values *v, uint64_t word, FILE *out)
{
    char inlined[8];
    struct text text = block_text(v->image, v->block, word, inlined);
    fputc('"', out);
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte == '"' || byte == '\\' || byte == '{' || byte == '}')
            fprintf(out, "\\%c", byte);
        else if (byte == '\n' || byte == '\t')
            fputs(byte == '\n' ? "\\n" : "\\t", out);
        else
            fputc(byte, out);
    }
    fputc('"', out);
    return true;
}

/* Writes a list; true only if all parts are literals. */
static bool value_put_list(const struct values *v, uint16_t type, uint64_t word, FILE *out)
{
    uint32_t count = block_count(v->image, v->block, word);
    bool map = type_is_map(v->image, type), good = true;
    fputs(map && count == 0 ? "[:" : "[", out);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key, value;
        if (i > 0) fputs(", ", out);
        if (map) {
            block_pair(v->image, v->block, word, i, &key, &value);
            value_put_text(v, key, out);
            fputs(": ", out);
        } else {
            value = block_element(v->image, v->block, word, i);
        }
        good = show_literal(v, image_element(v->image, type), value, out) && good;
    }
    fputc(']', out);
    return good;
}

static bool value_put_record(const struct values *v, uint16_t type, uint64_t word, FILE *out)
{
    const struct image_type *row = image_type(v->image, type);
    struct text name = row ? image_text(v->image, row->name) : (struct text){"error", 5};
    bool good = row != NULL;
    fprintf(out, "%.*s(", (int)name.length, name.bytes);
    for (uint32_t i = 0; i < image_field_count(v->image, type); i++) {
        struct text field = image_field_name(v->image, type, i);
        bool secret = image_field_secret(v->image, type, i);
        fprintf(out, "%s%.*s: ", i > 0 ? ", " : "", (int)field.length, field.bytes);
        if (secret)
            fputs("***", out);
        else
            good =
                show_literal(v, image_field_type(v->image, type, i), block_field(v->image, v->block, word, i), out) &&
                good;
        good = good && !secret;
    }
    fputc(')', out);
    return good;
}

/* Writes a value that has no parts. False: the text written is not a literal of the language. */
static bool value_put_shown(const struct values *v, uint16_t type, uint64_t word, FILE *out)
{
    static const char *const kinds[] = {[TYPE_SKILL] = "skill ",
                                        [TYPE_GROUP] = "group ",
                                        [TYPE_VQ] = "vq ",
                                        [TYPE_QUEUE] = "queue ",
                                        [TYPE_PROMPT] = "prompt "};
    char text[VALUE_TEXT];
    uint16_t base = type_base(type);
    uint32_t length = vm_show(v->vm, v->block, v->image, type, word, text, sizeof text);
    if (base < sizeof kinds / sizeof kinds[0] && kinds[base]) fputs(kinds[base], out);
    if (type_is_enum(v->image, type)) {
        struct text name = image_text(v->image, image_type(v->image, type)->name);
        fprintf(out, "%.*s.", (int)name.length, name.bytes);
    }
    fprintf(out, "%.*s", (int)(length < sizeof text ? length : sizeof text), text);
    return base == TYPE_INT || base == TYPE_BOOL || base == TYPE_FLOAT || base == TYPE_DURATION ||
           base == TYPE_PERCENT || type_is_enum(v->image, type) ||
           (base < sizeof kinds / sizeof kinds[0] && kinds[base]);
}

/* Writes the value. False: the language has no literal for it. */
bool show_literal(const struct values *v, uint16_t type, uint64_t word, FILE *out)
{
    if (type_is_optional(type) && value_is_none(type, word)) {
        fputs("none", out);
        return true;
    }
    if (type_base(type) == TYPE_STR) return value_put_text(v, word, out);
    if (type_is_list(v->image, type) || type_is_map(v->image, type)) return value_put_list(v, type, word, out);
    if (type_is_record(v->image, type) && type_base(type) != TYPE_BLOB) return value_put_record(v, type, word, out);
    return value_put_shown(v, type, word, out);
}

/* Is the text secret? A text equal to the value of a secret key is secret, too, as the strategy may have passed that
 * value to a function. */
static bool is_secret_text(const struct debugger *d, uint16_t type, uint64_t word)
{
    const struct image *image = d->look.image;
    const struct image_strategy *strategy = image_strategy(image, d->look.block->strategy);
    char inlined[8], other_inlined[8];
    uint64_t other;
    if (type_base(type) != TYPE_STR || value_is_none(type, word)) return false;
    struct text text = block_text(image, d->look.block, word, inlined);
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(image, strategy, i);
        if (!slot->secret || type_base(slot->type) != TYPE_STR || !block_slot(d->look.block, i, &other)) continue;
        if (value_is_none(slot->type, other)) continue;
        struct text secret = block_text(image, d->look.block, other, other_inlined);
        if (secret.length > 0 && secret.length == text.length && memcmp(secret.bytes, text.bytes, text.length) == 0)
            return true;
    }
    return false;
}

/* Calls `each` with the variables of the frame that have a value at this instruction. */
void show_variables(struct debugger *d, void (*each)(void *self, const struct shown_variable *), void *self)
{
    uint32_t function, pc;
    struct image_place at;
    if (!debugger_frame(d, &function, &pc, &at)) return;
    uint32_t count = image_function(d->look.image, function)->register_count;
    for (uint32_t reg = 0; reg < count; reg++) {
        struct shown_variable variable = {.name = image_variable(d->look.image, function, pc, (uint8_t)reg)};
        if (variable.name.length == 0 || !debugger_knows(d, (uint8_t)reg) ||
            !vm_look_register(core_vm(d->core), d->frame, (uint8_t)reg, &variable.type, &variable.word))
            continue;
        variable.secret = image_variable_secret(d->look.image, function, pc, (uint8_t)reg) ||
                          is_secret_text(d, variable.type, variable.word);
        each(self, &variable);
    }
}

void show_variable(const struct debugger *d, const struct shown_variable *variable, FILE *out)
{
    const struct values v = values_here(d);
    if (variable->secret && !d->reveals)
        fputs("***", out);
    else
        (void)show_literal(&v, variable->type, variable->word, out);
}

struct values values_here(const struct debugger *d)
{
    return (struct values){d->look.image, d->look.block, core_vm(d->core)};
}

struct naming { /* what to look for: one variable by its name, or all to be shown */
    struct debugger *debugger;
    const char *name; /* NULL: all */
    FILE *out;
    bool found;
};

static void on_variable(void *self, const struct shown_variable *variable)
{
    struct naming *n = self;
    struct text name = variable->name;
    bool all = !n->name;
    if (!all && (n->found || strlen(n->name) != name.length || memcmp(n->name, name.bytes, name.length) != 0)) return;
    n->found = true;
    if (all) fprintf(n->out, "%.*s = ", (int)name.length, name.bytes);
    show_variable(n->debugger, variable, n->out);
    if (all) fputc('\n', n->out);
}

void show_locals(struct debugger *d)
{
    char *text = NULL;
    size_t length;
    if (d->place.interaction == 0) {
        puts("No strategy runs at this moment.");
        return;
    }
    struct naming all = {.debugger = d, .out = open_memstream(&text, &length)};
    if (!all.out) abort();
    show_variables(d, on_variable, &all);
    fclose(all.out);
    if (!all.found) puts("There are no variables here.");
    shown_write(stdout, text);
    free(text);
}

uint64_t show_looked_at(const struct debugger *d)
{
    struct interaction_row row;
    uint64_t cursor = 0;
    if (d->place.interaction != 0) return d->place.interaction;
    if (d->about != 0) return d->about;
    if (d->chosen != 0 && core_find(d->core, d->chosen, &row)) return d->chosen;
    return core_interaction(d->core, &cursor, &row) ? row.ixn : 0;
}

/* Returns how long nothing has happened at this moment: the core's clock stands since then, and the play's goes on. */
static uint64_t show_quiet_us(const struct debugger *d)
{
    uint64_t last_us = d->core ? core_time(d->core) : d->now_us;
    return d->now_us > last_us ? d->now_us - last_us : 0;
}

static json_t *shown_data(struct debugger *d)
{
    struct kv data;
    uint64_t interaction = show_looked_at(d);
    kv_init(&data);
    json_t *object = interaction != 0 && core_data(d->core, interaction, &data) ? value_of_kv(kv_span(&data)) : NULL;
    kv_free(&data);
    json_t *waited = json_object_get(object, "waited"); /* until now, and not until something happened last */
    if (waited) json_integer_set(waited, json_integer_value(waited) + (json_int_t)show_quiet_us(d));
    return object;
}

static void put_json(struct debugger *d, const char *key, const json_t *value, FILE *out)
{
    const struct values v = {d->program, NULL, core_vm(d->core)};
    uint16_t type = typed_key(d->program, key);
    if (image_key_secret(d->program, key, (uint32_t)strlen(key)) && !d->reveals)
        fputs("***", out);
    else if (json_is_integer(value) && attribute_named(key, (uint32_t)strlen(key)) && type_base(type) == TYPE_TIME)
        spell_us(out, json_integer_value(value));
    else
        typed_put(&v, type, value, d->reveals, out);
}

bool show_each_datum(struct debugger *d, void (*each)(void *self, const char *key, const char *value), void *self)
{
    const char *key;
    json_t *value, *data = shown_data(d);
    json_object_foreach(data, key, value)
    {
        char *text = NULL;
        size_t length;
        FILE *out = memory_stream(&text, &length);
        put_json(d, key, value, out);
        fclose(out);
        each(self, key, text);
        free(text);
    }
    json_decref(data);
    return data != NULL;
}

static void show_datum(void *self, const char *key, const char *value)
{
    (void)self;
    shown_print(stdout, "%s = %s\n", key, value);
}

void show_data(struct debugger *d)
{
    if (!show_each_datum(d, show_datum, NULL)) puts("There is no interaction at this moment.");
}

/* Shows a declared key of the running block by its type; a key not attached is none. True: there is such a key. */
static bool show_slot(struct debugger *d, const char *name, FILE *out)
{
    uint64_t word;
    const struct vm_look *look = &d->look;
    const struct values v = values_here(d);
    if (d->place.interaction == 0) return false;
    const struct image_strategy *strategy = image_strategy(look->image, look->block->strategy);
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(look->image, strategy, i);
        struct text text = image_text(look->image, slot->name);
        if (text.length != strlen(name) || memcmp(text.bytes, name, text.length) != 0) continue;
        if (!block_slot(look->block, i, &word))
            fputs("none", out);
        else if (slot->secret && !d->reveals)
            fputs("***", out);
        else
            (void)show_literal(&v, slot->type, word, out);
        return true;
    }
    return false;
}

/* Writes an attribute that the core has of the interaction looked at, such as its place while it waits. */
static bool show_computed(struct debugger *d, const char *name, FILE *out)
{
    const struct attribute *one = attribute_named(name, (uint32_t)strlen(name));
    const struct values v = {d->program, NULL, d->core ? core_vm(d->core) : NULL};
    uint64_t word;
    if (!one || !d->core) return false;
    const struct core_beside beside = {d->core, d->now_us, show_looked_at(d), d->program};
    if (!core_beside_attribute(&beside, one->number, &word)) return false;
    if (type_base(one->type) == TYPE_DURATION && strncmp(name, "ewt", 3) == 0 && word == 0)
        fputs("none", out);
    else
        (void)show_literal(&v, one->type & (uint16_t)~TYPE_OPTIONAL, word, out);
    return true;
}

/* Looks for a name first among variables, then declared keys, then attributes and other user data. */
bool show_named(struct debugger *d, const char *name, char *text, size_t size)
{
    FILE *out = fmemopen(text, size, "w");
    if (!out) abort();
    struct naming one = {d, name, out, false};
    show_variables(d, on_variable, &one);
    bool found = one.found || show_slot(d, name, out);
    if (!found) {
        json_t *data = shown_data(d), *value = json_object_get(data, name);
        found = value != NULL;
        if (found) put_json(d, name, value, out);
        json_decref(data);
    }
    found = found || show_computed(d, name, out);
    fclose(out);
    text[size - 1] = '\0';
    return found;
}

/* ---- tables ---- */

void show_block(struct debugger *d)
{
    if (d->place.interaction == 0) {
        puts("No strategy runs at this moment.");
        return;
    }
    const struct block *block = d->look.block;
    printf("interaction %" PRIu64 ": %" PRIu32 " bytes, %u of them in use; priority %" PRId64 ", %" PRIu32
           " waits so far, about %" PRIu64 " units of fuel spent\n",
           show_number(d->place.interaction), block_size(block), 8u * block->used_words, block->priority, block->waits,
           (uint64_t)block->spent * 64);
}

/* Prints where the interaction's fibers wait: all fibers, or only the strategy's own. False: it waits nowhere. */
static bool put_waiting(struct debugger *d, uint64_t interaction, bool all)
{
    struct fiber_row row;
    bool any = false;
    for (uint32_t i = 0; core_fiber(d->core, interaction, i, &row) && (i == 0 || all); i++) {
        const struct where_row *where = &row.where;
        if (where->step.length == 0) continue;
        if (row.fiber == 0)
            fputs("    waits at", stdout);
        else
            printf("    fiber %u, %s: waits at", row.fiber, row.what);
        shown_print(stdout, " %.*s at %.*s:%" PRIu32 "\n", (int)where->step.length, (const char *)where->step.bytes,
                    (int)where->file.length, (const char *)where->file.bytes, where->line);
        any = true;
    }
    return any;
}

void show_fibers(struct debugger *d)
{
    uint64_t interaction = show_looked_at(d);
    bool any = d->place.interaction != 0;
    if (any) printf("    fiber %u runs\n", d->place.fiber);
    any = (interaction != 0 && put_waiting(d, interaction, true)) || any;
    if (!any) puts("There is no interaction that runs or waits at this moment.");
}

/* ---- who called ---- */

void show_backtrace(struct debugger *d)
{
    uint32_t frame = d->frame, function, pc;
    struct image_place at;
    uint64_t interaction = show_looked_at(d);
    if (d->place.interaction == 0) {
        struct fiber_row ignored;
        bool waits = interaction != 0 && core_fiber(d->core, interaction, 0, &ignored);
        if (waits) printf("interaction %" PRIu64 "\n", show_number(interaction));
        if (!waits || !put_waiting(d, interaction, true)) puts("No strategy runs or waits at this moment.");
        return;
    }
    for (d->frame = 0; d->frame < d->look.frames; d->frame++) {
        if (!debugger_frame(d, &function, &pc, &at)) continue;
        printf("%s#%" PRIu32 "  ", d->frame == frame ? "> " : "  ", d->frame);
        put_where(d, &at, function);
    }
    d->frame = frame;
    if (d->place.fiber > 0) printf("  of fiber %u: a busy block, or a child of race or parallel\n", d->place.fiber);
    (void)put_waiting(d, interaction, true);
}

/* Shows all interactions of a journal with what became of them; live ones with where they wait. */
static void show_past(struct debugger *d)
{
    size_t count;
    const struct interaction_row *rows = past_interactions(d->past, &count);
    if (count == 0) puts("There is no interaction in this journal.");
    for (size_t i = 0; i < count; i++) {
        const struct interaction_row *row = &rows[i];
        const struct span became = row->outcome.length > 0 ? row->outcome : row->state;
        char when[32] = "";
        time_t second = (time_t)((past_clock(d->past) + (int64_t)row->arrived_us) / 1000000);
        struct tm tm;
        if (gmtime_r(&second, &tm)) (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
        shown_print(stdout, "%s%" PRIu64 " %016" PRIx64 " %" PRIu64 ".%03" PRIu64 "s %s %.*s, %.*s\n",
                    row->ixn == d->place.interaction ? "> " : "  ", show_number(row->ixn), row->conn,
                    row->arrived_us / 1000000, row->arrived_us / 1000 % 1000, when, (int)row->strategy.length,
                    (const char *)row->strategy.bytes, (int)became.length, (const char *)became.bytes);
        (void)put_waiting(d, row->ixn, false);
    }
}

void show_interactions(struct debugger *d)
{
    if (d->past) {
        show_past(d);
        return;
    }
    struct interaction_row row;
    bool any = false;
    for (uint64_t cursor = 0; core_interaction(d->core, &cursor, &row); any = true) {
        shown_print(stdout, "%s%" PRIu64 " %.*s, %.*s", row.ixn == d->place.interaction ? "> " : "  ",
                    show_number(row.ixn), (int)row.strategy.length, (const char *)row.strategy.bytes,
                    (int)row.state.length, (const char *)row.state.bytes);
        if (row.vq.length > 0)
            shown_print(stdout, ", waits in vq %.*s", (int)row.vq.length, (const char *)row.vq.bytes);
        if (row.vq.length > 0 && row.priority != 0) printf(", priority %" PRId64, row.priority);
        putchar('\n');
        (void)put_waiting(d, row.ixn, false);
    }
    if (!any) puts("There is no interaction at this moment.");
}

void show_queues(struct debugger *d)
{
    struct queue_row row;
    for (uint32_t i = 0; core_queue(d->core, i, &row); i++)
        shown_print(stdout, "  vq %.*s: %" PRIu64 " wait, the longest %" PRIu64 " s; %" PRIu64 " entered\n",
                    (int)row.name.length, (const char *)row.name.bytes, row.waiting,
                    (row.longest_wait_us + (row.waiting > 0 ? show_quiet_us(d) : 0)) / 1000000, row.entered);
    struct waiting_row place;
    uint64_t interaction = show_looked_at(d);
    if (interaction != 0 && core_waiting(d->core, interaction, &place))
        shown_print(stdout, "  interaction %" PRIu64 " is number %" PRIu32 " of %" PRIu64 " in vq %.*s\n",
                    show_number(interaction), place.position, place.among, (int)place.vq.length,
                    (const char *)place.vq.bytes);
}

void show_agents(struct debugger *d)
{
    struct agent_row row;
    for (uint32_t i = 0; core_agent(d->core, i, &row); i++) {
        if (row.name.length == 0) continue;
        shown_print(stdout, "  %.*s at %.*s: %s", (int)row.name.length, (const char *)row.name.bytes,
                    (int)row.dn.length, (const char *)row.dn.bytes, enum_name_agent_state(row.state));
        if (row.not_chosen.length > 0)
            shown_print(stdout, ", not to be chosen: %.*s", (int)row.not_chosen.length,
                        (const char *)row.not_chosen.bytes);
        putchar('\n');
    }
}

/* Prints a function's part of the listing of the whole image: it begins with the line that has the function's number
 * after #, and its other lines are indented. */
void show_disassembly(struct debugger *d)
{
    uint32_t function, pc;
    struct image_place at;
    if (!debugger_frame(d, &function, &pc, &at)) {
        puts("No strategy runs at this moment.");
        return;
    }
    char *all = image_disassemble(d->look.image);
    bool within = false;
    for (const char *line = all, *next; line && *line; line = next) {
        int bytes = (int)strcspn(line, "\n");
        const char *number = strchr(line, '#');
        next = line + bytes + (line[bytes] != '\0');
        if (*line != ' ') within = number && number < next && strtoul(number + 1, NULL, 10) == function;
        if (within && bytes > 0) shown_print(stdout, "%.*s\n", bytes, line);
    }
    free(all);
}
