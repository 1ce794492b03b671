/* runtime/debugger/expression.c - Computes an expression by compiling a strategy with it and running that on a
 * machine of its own.
 *
 *     strategy gcxdb_expression(count: int) on voice {      parameters: numbers and texts of the play
 *         attached { about: str?; }                         the strategy's keys; those of the site are there
 *         if attached.about == none { fail ""; }            a key that has its value: no longer perhaps none
 *         let caller: Caller = Caller(...);                 constants: the other values, as literals
 *         let gcxdb_value = count > 3 and caller.known;     the expression
 *         fail "";                                          it never gets here: the value is read before
 *     }
 *
 * The text is compiled as an addition to the program's own files, so that the expression may call its functions.
 * Only names that occur in the expression are given values; a secret name is refused. What the machine asks the core
 * for, such as now, counters, statistics and ewt, the play's core answers (core/read/beside.h), and nothing changes. */
#include "runtime/debugger/expression.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/beside.h"
#include "runtime/debugger/graft.h"
#include "runtime/debugger/show.h"
#include "runtime/debugger/variant.h"
#include "runtime/sim/site_media.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/why.h"
#include "vm/show.h"

#define STRATEGY "gcxdb_expression"
#define VALUE    "gcxdb_value"

enum { SLICES_MAX = 50, EXPRESSION_MAX = 512 };

/* The wanted result: `type` is a type of the image, or TYPE_VOID for the expression's own type. */
struct expression_wanted {
    const struct image *image;
    uint16_t type;
    struct graft **graft; /* gets the result to be put elsewhere; NULL: the result is only shown as text */
};

/* ---- the strategy ---- */

/* Is the name at `at` a field after a dot, and not a key written as `attached.name`? After a dot with blanks or a
 * comment around it, it is taken as a possible key. */
static bool is_field(const char *expression, const char *at)
{
    static const char attached[] = "attached";
    const size_t word = sizeof attached - 1;
    if (at - expression < 2 || at[-1] != '.') return false;
    at--;
    if (!isalnum((unsigned char)at[-1]) && !strchr("_)]?", at[-1])) return false;
    return (size_t)(at - expression) < word || memcmp(at - word, attached, word) != 0;
}

bool expression_names(const char *expression, struct text name)
{
    for (const char *at = expression; *at;) {
        size_t length = 0;
        while (isalnum((unsigned char)at[length]) || at[length] == '_') length++;
        bool called = at[length] == '('; /* ewt(vq sales) is no attribute */
        if (length == name.length && length > 0 && !called && memcmp(at, name.bytes, length) == 0 &&
            !is_field(expression, at))
            return true;
        at += length > 0 ? length : 1;
    }
    return false;
}

void expression_type(const struct image *image, uint16_t type, FILE *out)
{
    const struct image_type *row = image_type(image, type);
    if (type_is_list(image, type) || type_is_map(image, type)) {
        fputs(type_is_list(image, type) ? "list<" : "map<", out);
        expression_type(image, image_element(image, type), out);
        fputc('>', out);
    } else if (row && image_text(image, row->name).length > 0) {
        struct text name = image_text(image, row->name);
        fprintf(out, "%.*s", (int)name.length, name.bytes);
    } else {
        fputs(show_type_name(type_base(type)), out);
    }
    if (type_is_optional(type)) fputc('?', out);
}

/* A function's variable may be called like an attribute, as `to`, which a strategy cannot declare: it has a name of
 * its own in the expression. */
static const char *renamed(struct text name, bool key)
{
    return !key && name.length > 0 && attribute_named(name.bytes, name.length) ? "gcxdb_" : "";
}

/* Writes the expression with the variable's name in the expression's strategy instead of its own. Of a text in quotes
 * only what stands in braces is looked at. */
static char *expression_rename(const char *expression, struct text name)
{
    char *text = NULL;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    bool quoted = false, braces = false; /* braces: within those of a text */
    for (const char *at = expression; *at;) {
        size_t word = 0;
        while (isalnum((unsigned char)at[word]) || at[word] == '_') word++;
        bool is = !quoted && word == name.length && word > 0 && at[word] != '(' && memcmp(at, name.bytes, word) == 0 &&
                  !is_field(expression, at);
        if (word == 0) {
            word = quoted && *at == '\\' && at[1] ? 2 : 1;
            bool opens = quoted && *at == '{', closes = braces && *at == '}';
            if (*at == '"' || opens || closes) quoted = !quoted;
            if (opens || closes) braces = opens;
        }
        fprintf(out, "%s%.*s", is ? renamed(name, false) : "", (int)word, at);
        at += word;
    }
    fclose(out);
    return text;
}

enum { GIVEN_MAX = 24 };

/* A value given to the strategy, as a parameter for a variable or as a key. */
struct play_argument {
    struct text name;
    uint16_t type;
    uint64_t word; /* of the play */
    bool key;
};

struct making {
    struct debugger *debugger;
    const char *expression;
    char *written; /* the expression with other names of variables; owned; NULL: the names are unchanged */
    FILE *out;
    struct play_argument given[GIVEN_MAX];
    size_t given_count;
    char *why;
    size_t size;
    bool perhaps; /* attached keys are declared as optional, too */
    bool good;
};

/* Gives a number or a text as a parameter, as these are the same in any image: the strategy then need not be
 * compiled again when a value has changed. */
static bool is_given(struct making *m, struct text name, uint16_t type, uint64_t word, bool key)
{
    assert(m->given_count <= GIVEN_MAX);
    uint16_t base = type_base(type);
    bool plain = base == TYPE_STR || base == TYPE_INT || base == TYPE_BOOL || base == TYPE_FLOAT || base == TYPE_TIME ||
                 base == TYPE_DURATION || base == TYPE_DATE || base == TYPE_PERCENT || base == TYPE_CLOCK;
    if (!plain || m->given_count == GIVEN_MAX) return false;
    m->given[m->given_count++] = (struct play_argument){name, type, word, key};
    return true;
}

/* Writes a constant into the strategy for a variable that the expression names, or the value of a key. */
static void put_constant(struct making *m, struct text name, uint16_t type, uint64_t word, bool key)
{
    const struct values v = values_here(m->debugger);
    char *literal = NULL;
    size_t length;
    if (!expression_names(m->expression, name) || is_given(m, name, type, word, key)) return;
    FILE *out = memory_stream(&literal, &length);
    bool good = show_literal(&v, type, word, out);
    fclose(out);
    if (good) {
        fprintf(m->out, key ? "    attach %s%.*s" : "    let %s%.*s: ", renamed(name, key), (int)name.length,
                name.bytes);
        if (!key) expression_type(v.image, type, m->out);
        bool hides = m->perhaps && type_is_optional(type) && !value_is_none(type, word);
        /* an element of a list may be missing: so the compiler does not know that the value is there */
        fprintf(m->out, hides ? " = [%s].get(0);\n" : " = %s;\n", literal);
    } else if (m->good) {
        (void)snprintf(m->why, m->size, "an expression cannot take %.*s in; print it alone", (int)name.length,
                       name.bytes);
        m->good = false;
    }
    free(literal);
}

static void refuse_secret(struct making *m, struct text name)
{
    (void)snprintf(m->why, m->size, "%.*s is secret", (int)name.length, name.bytes);
    m->good = false;
}

static void put_variable(void *self, const struct shown_variable *variable)
{
    struct making *m = self;
    bool named = expression_names(m->expression, variable->name);
    if (named && *renamed(variable->name, false)) {
        char *before = m->written;
        m->written = expression_rename(before ? before : m->expression, variable->name);
        free(before);
    }
    if (variable->secret && named)
        refuse_secret(m, variable->name);
    else
        put_constant(m, variable->name, variable->type, variable->word, false);
}

static bool expression_names_slot(const struct making *m, const struct image_slot *slot)
{
    return expression_names(m->expression, image_text(m->debugger->look.image, slot->name));
}

/* Writes keys and arguments of the running strategy that the expression names, with their values. */
static void expression_put_keys(struct making *m)
{
    const struct vm_look *look = &m->debugger->look;
    const struct image_strategy *strategy = image_strategy(look->image, look->block->strategy);
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(look->image, strategy, i);
        struct text name = image_text(look->image, slot->name);
        uint64_t word;
        if (!expression_names_slot(m, slot)) continue;
        bool there = block_slot(look->block, i, &word);
        if (slot->secret)
            refuse_secret(m, name);
        else if (there)
            put_constant(m, name, m->perhaps ? slot->type | TYPE_OPTIONAL : slot->type, word, !slot->parameter);
        else if (slot->parameter)
            put_constant(m, name, slot->type | TYPE_OPTIONAL, value_none(slot->type), false);
        if (there && !slot->parameter && !slot->secret && !m->perhaps && !value_is_none(slot->type, word))
            fprintf(m->out, "    if attached.%.*s == none { fail \"\"; }\n", (int)name.length, name.bytes);
    }
}

void expression_declare_keys(const struct image *image, const struct image_strategy *strategy, const char *expression,
                             FILE *out)
{
    fputs("attached { ", out);
    for (uint32_t i = strategy->common; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(image, strategy, i);
        struct text name = image_text(image, slot->name);
        if (slot->parameter || !expression_names(expression, name)) continue;
        fprintf(out, "%.*s: ", (int)name.length, name.bytes);
        expression_type(image, slot->type | TYPE_OPTIONAL, out);
        fputs("; ", out);
    }
    fputs("} ", out);
}

/* Returns the text to add to the file; `*lines`: how many lines of it come before the line of `fail`. */
static char *expression_make_text(struct making *m, const struct expression_wanted *wanted, uint32_t *lines)
{
    char *text = NULL;
    size_t length;
    bool runs = m->debugger->place.interaction != 0;
    struct span medium = span_of("voice");
    if (runs) medium = media_said(m->debugger->look.image, (enum media)m->debugger->look.block->media);
    m->out = memory_stream(&text, &length);
    m->good = true;
    if (runs) {
        show_variables(m->debugger, put_variable, m);
        expression_put_keys(m);
    }
    fclose(m->out);
    char *constants = text;
    m->out = memory_stream(&text, &length);
    fputs("strategy " STRATEGY, m->out);
    const char *between = "(";
    for (size_t i = 0; i < m->given_count; i++) {
        if (m->given[i].key) continue;
        fprintf(m->out, "%s%s%.*s: ", between, renamed(m->given[i].name, false), (int)m->given[i].name.length,
                m->given[i].name.bytes);
        expression_type(m->debugger->look.image, m->given[i].type, m->out);
        between = ", ";
    }
    fprintf(m->out, "%s on %.*s { ", *between == ',' ? ")" : "", (int)medium.length, (const char *)medium.bytes);
    const struct vm_look *look = &m->debugger->look;
    if (runs)
        expression_declare_keys(look->image, image_strategy(look->image, look->block->strategy), m->expression, m->out);
    fprintf(m->out, "\n%s", constants);
    free(constants);
    fputs("    let " VALUE, m->out);
    if (wanted->type != TYPE_VOID) fputs(": ", m->out);
    if (wanted->type != TYPE_VOID) expression_type(wanted->image, wanted->type, m->out);
    fprintf(m->out, " = %s;\n", m->written ? m->written : m->expression);
    free(m->written);
    m->written = NULL;
    fflush(m->out);
    *lines = 0;
    for (size_t i = 0; i < length; i++) *lines += text[i] == '\n';
    fprintf(m->out, "    fail \"\";\n}\n");
    fclose(m->out);
    return text;
}

/* ---- running it ---- */

struct running {
    struct vm *vm;
    struct slab *slab;
    const struct debugger *debugger;
    uint32_t line; /* the line at which the value has been computed */
    char *text;
    size_t size;
    struct graft **graft; /* or NULL */
    bool seen;
    bool asks;                 /* the expression asks for what nobody answers here */
    struct core_beside beside; /* answers for the play's core */
};

/* ---- values that only the play has ---- */

static bool expression_on_agent(void *self, struct text name, uint64_t *word)
{
    struct running *r = self;
    r->asks = r->asks || !r->beside.core;
    return r->beside.core && core_beside_agent(&r->beside, name, word);
}

static bool expression_on_ask(void *self, block_handle block, uint32_t question, uint64_t subject, uint64_t argument,
                              uint64_t *word)
{
    struct running *r = self;
    bool known = false;
    (void)block;
    bool good = r->beside.core && core_beside_ask(&r->beside, question, subject, argument, word, &known);
    r->asks = r->asks || !known;
    return good;
}

static int64_t on_measure(void *self, block_handle block, uint32_t row, uint64_t object)
{
    struct running *r = self;
    int64_t figure = 0;
    (void)block;
    if (r->beside.core && core_beside_measure(&r->beside, row, object, &figure)) return figure;
    r->asks = true;
    return 0;
}

static bool on_latch(void *self, block_handle block, uint32_t row)
{
    struct running *r = self;
    bool set = false;
    (void)block;
    if (!r->beside.core || !core_beside_latch(&r->beside, row, &set)) r->asks = true;
    return set;
}

static int64_t on_tallied(void *self, struct text name, struct text key, int64_t window_us)
{
    struct running *r = self;
    r->asks = r->asks || !r->beside.core;
    uint64_t count = r->beside.core ? core_beside_tallied(&r->beside, name, key, window_us) : 0;
    return count < INT64_MAX ? (int64_t)count : INT64_MAX;
}

/* Returns the present value of a parameter. A table or schedule that has replaced the program's one is not known
 * here. */
static enum vm_setting expression_on_setting(void *self, block_handle block, uint32_t setting, uint64_t *word)
{
    struct running *r = self;
    bool other = false;
    (void)block;
    if (r->beside.core && core_beside_setting(&r->beside, setting, word, &other)) return VM_SETTING_MADE;
    r->asks = r->asks || other;
    return VM_SETTING_WRITTEN;
}

static enum vm_setting expression_on_row(void *self, block_handle block, uint32_t setting, struct text key, bool prefix,
                                         uint64_t *word)
{
    (void)key, (void)prefix;
    return expression_on_setting(self, block, setting, word);
}

/* Reads an attribute that the core computes of the interaction looked at, if `info data` shows it: numbers, times,
 * texts. */
static bool expression_on_attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    struct running *r = self;
    const struct attribute *one = attribute_numbered(number);
    static const char contact[] = "contact_";
    struct kv_value value;
    struct kv data;
    char key[64];
    (void)fiber;
    if (r->beside.core && core_beside_attribute(&r->beside, number, word)) return true;
    if (!one || type_base(one->type) == TYPE_ZONE || r->debugger->place.interaction == 0) return false;
    (void)snprintf(key, sizeof key, "%s", one->name);
    if (strncmp(key, contact, sizeof contact - 1) == 0) key[sizeof contact - 2] = '.';
    kv_init(&data);
    bool known = core_data(r->debugger->core, r->debugger->place.interaction, &data);
    bool good = known && kv_get(kv_span(&data), key, &value);
    if (known && !good && type_is_optional(one->type)) {
        *word = value_none(one->type);
        good = true;
    } else if (good && value.tag == KV_TEXT) {
        good = type_base(one->type) == TYPE_STR &&
               block_make_text(r->slab, block, (const char *)value.span.bytes, value.span.length, word);
    } else if (good) {
        *word = (uint64_t)value.word;
        good = value.tag == KV_INT || value.tag == KV_BOOL || value.tag == KV_TIME;
    }
    kv_free(&data);
    return good;
}

static bool on_main(void *self, block_handle block, bool slot, uint32_t number, uint64_t *word)
{
    (void)block, (void)slot, (void)number, (void)word;
    ((struct running *)self)->asks = true;
    return false;
}

/* ---- the machine ---- */

/* When the line after the expression begins, reads the value from its register. */
static void expression_on_instruction(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct running *r = self;
    struct image_place at;
    struct vm_look look;
    if (r->seen || !image_place(image, function, pc, &at) || at.line != r->line) return;
    if (!vm_look(r->vm, function, &look) || look.frames != 1) return;
    for (uint32_t reg = 0; reg < image_function(image, function)->register_count && !r->seen; reg++) {
        struct text name = image_variable(image, function, pc, (uint8_t)reg);
        uint16_t type;
        uint64_t word;
        if (name.length != strlen(VALUE) || memcmp(name.bytes, VALUE, name.length) != 0) continue;
        r->seen = vm_look_register(r->vm, 0, (uint8_t)reg, &type, &word);
        if (r->seen && r->graft) *r->graft = graft_take(&(struct values){image, look.block, r->vm}, type, word);
        FILE *out = r->seen ? fmemopen(r->text, r->size, "w") : NULL;
        if (!out) continue;
        (void)show_literal(&(struct values){image, look.block, r->vm}, type, word, out);
        fclose(out);
        r->text[r->size - 1] = '\0';
    }
}

static int32_t expression_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction,
                                  uint8_t fiber)
{
    (void)self, (void)image, (void)wait, (void)interaction, (void)fiber;
    return VM_GO_ON;
}

static void expression_on_ended(void *self, const struct image *image, uint32_t wait, uint64_t interaction,
                                uint8_t fiber, int32_t code)
{
    (void)self, (void)image, (void)wait, (void)interaction, (void)fiber, (void)code;
}

/* Copies the attributes of the interaction, which are not among its keys. */
static void expression_take_attributes(const struct vm_look *from, struct slab *slab, block_handle handle)
{
    struct block *block = block_at(slab, handle);
    block->arrived = from->block->arrived;
    block->priority = from->block->priority;
    block->attempt = from->block->attempt;
    block->media = from->block->media;
    block->call_type = from->block->call_type;
    for (uint32_t i = 0; i < BLOCK_SYSTEM_USUAL; i++) {
        struct text text = block_system_text(from->image, from->block, i);
        uint64_t word;
        if (text.length > 0 && block_make_text(slab, handle, text.bytes, text.length, &word))
            (void)block_system_set(slab, handle, i, word);
    }
}

static uint32_t expression_slot(const struct image *image, const struct image_strategy *strategy,
                                const struct play_argument *one)
{
    const char *before = renamed(one->name, one->key);
    const size_t skip = strlen(before);
    uint32_t slot = 0;
    for (; slot < image_slot_count(strategy); slot++) {
        struct text text = image_text(image, image_slot(image, strategy, slot)->name);
        if (text.length == skip + one->name.length && memcmp(text.bytes, before, skip) == 0 &&
            memcmp(text.bytes + skip, one->name.bytes, one->name.length) == 0)
            break;
    }
    return slot;
}

static void take_given(const struct making *m, const struct image *image, struct slab *slab, block_handle handle)
{
    const struct vm_look *look = &m->debugger->look;
    const struct image_strategy *strategy = block_strategy(slab, block_at(slab, handle));
    assert(strategy);
    for (size_t i = 0; i < m->given_count; i++) {
        const struct play_argument *one = &m->given[i];
        uint64_t word = one->word;
        char inlined[8];
        uint32_t slot = expression_slot(image, strategy, one);
        if (slot == image_slot_count(strategy)) continue;
        if (type_base(one->type) == TYPE_STR && !value_is_none(one->type, word)) {
            struct text text = block_text(look->image, look->block, word, inlined);
            if (!block_make_text(slab, handle, text.bytes, text.length, &word)) continue;
        }
        block_slot_set(block_at(slab, handle), slot, word);
    }
}

/* Runs the strategy up to the line of its value. False, with the reason in `text`: the strategy never gets to that
 * line, or asks the core. */
static bool expression_run(const struct making *m, const struct image *image, uint32_t line, struct graft **graft,
                           char *text, size_t size)
{
    const struct debugger *d = m->debugger;
    const struct image_strategy *strategy = image_strategy_named(image, STRATEGY, (uint32_t)strlen(STRATEGY));
    if (!strategy) { /* the strategy with the expression is missing: gcxvm ran a program compiled earlier */
        (void)snprintf(text, size, "the file that stands here is none of the program that was loaded last");
        return false;
    }
    struct running r = {.debugger = d, .line = line, .text = text, .size = size, .graft = graft};
    const struct vm_watch watch = {
        .self = &r, .instruction = expression_on_instruction, .wait = expression_on_wait, .ended = expression_on_ended};
    struct slab *slab = slab_new(1);
    const struct vm_host host = {.self = &r,
                                 .attribute = expression_on_attribute,
                                 .agent = expression_on_agent,
                                 .ask = expression_on_ask,
                                 .setting = expression_on_setting,
                                 .row = expression_on_row,
                                 .measure = on_measure,
                                 .latch = on_latch,
                                 .tallied = on_tallied,
                                 .main = on_main};
    r.slab = slab;
    r.beside = (struct core_beside){d->core, d->now_us, d->core ? show_looked_at(d) : 0, image};
    r.vm = vm_new(slab, &host);
    vm_watched_by(r.vm, &watch);
    block_handle handle = block_new(slab, image, strategy);
    if (d->place.interaction != 0) expression_take_attributes(&d->look, slab, handle);
    take_given(m, image, slab, handle);
    struct vm_result result = vm_start(r.vm, handle);
    for (unsigned i = 0; result.status == VM_YIELD && i < SLICES_MAX; i++) result = vm_continue(r.vm, handle, 0);
    bool asks_play = r.asks || (result.status == VM_FAULT && result.code == VM_CODE_FAULT &&
                                result.fault == FAULT_ATTRIBUTE && !r.seen);
    if (asks_play) {
        (void)snprintf(text, size, "what it asks for is not counted or not known here; see info data, queues, agents");
    } else if (!r.seen) {
        if (result.status == VM_YIELD)
            (void)snprintf(text, size, "it computes too long");
        else if (result.status == VM_WAIT)
            (void)snprintf(text, size, "it would wait for a step, which cannot be asked for here");
        else
            (void)snprintf(text, size, "it fails: %s", vm_fault_text(result.fault));
    }
    vm_free(r.vm);
    slab_free(slab);
    return r.seen && !asks_play;
}

/* ---- compiled before ---- */

enum { KEPT = 16 };

struct compiled {
    char *path, *behind;
    struct image *image; /* NULL: the expression does not compile, for the reason `why` */
    char *why;
    uint32_t lines; /* how many lines of the file are before the expression */
};

struct expressions {
    struct compiled all[KEPT];
    size_t next; /* is forgotten next */
};

static void compiled_forget(struct compiled *one)
{
    free(one->path);
    free(one->behind);
    free(one->why);
    image_free(one->image);
}

void expression_forget(struct debugger *d)
{
    for (size_t i = 0; d->expressions && i < KEPT; i++) compiled_forget(&d->expressions->all[i]);
    free(d->expressions);
    d->expressions = NULL;
}

/* Returns the compiled expression; a condition is computed each time its place is passed, but compiled only the
 * first time. Borrowed. */
static const struct image *expression_compiled(struct debugger *d, const struct variant *variant, uint32_t *lines,
                                               char *why, size_t size)
{
    if (!d->expressions) d->expressions = calloc(1, sizeof *d->expressions);
    if (!d->expressions) abort();
    struct compiled *one = d->expressions->all;
    while (one < d->expressions->all + KEPT &&
           !(one->path && strcmp(one->behind, variant->behind) == 0 && strcmp(one->path, variant->path) == 0))
        one++;
    if (one == d->expressions->all + KEPT) {
        one = &d->expressions->all[d->expressions->next];
        assert(d->expressions->next < KEPT);
        d->expressions->next = (d->expressions->next + 1) % KEPT;
        compiled_forget(one);
        struct image *image = variant_image(variant, why, size);
        *one = (struct compiled){strdup(variant->path), strdup(variant->behind), image, image ? NULL : strdup(why),
                                 variant_lines(variant->path)};
        if (!one->path || !one->behind || (!image && !one->why)) abort();
    }
    assert(!one->image == !!one->why); /* an expression has an image, or the reason why not */
    *lines = one->lines;
    if (!one->image) (void)snprintf(why, size, "%s", one->why);
    return one->image;
}

struct text expression_asks(const struct image *image, const char *expression)
{
    for (uint32_t number = 0; number <= UINT8_MAX; number++) {
        const struct attribute *one = attribute_numbered(number);
        struct text name = {one ? one->name : "", one ? (uint32_t)strlen(one->name) : 0};
        if (expression_names(expression, name)) return name;
    }
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++)
        for (uint32_t slot = 0; slot < image_slot_count(image_strategy(image, i)); slot++) {
            struct text name = image_text(image, image_slot(image, image_strategy(image, i), slot)->name);
            if (expression_names(expression, name)) return name;
        }
    return (struct text){"", 0};
}

static bool has_nothing(const struct debugger *d, const char *expression, char *why, size_t size)
{
    struct text asks = expression_asks(d->program, expression);
    bool now = asks.length == 3 && memcmp(asks.bytes, "now", 3) == 0; /* it is the core's */
    if (d->place.interaction != 0 || asks.length == 0 || (now && d->core)) return false;
    (void)snprintf(why, size, "no strategy runs at this moment, and %.*s has no value here; see info data",
                   (int)asks.length, asks.bytes);
    return true;
}

/* Computes the expression in the selected frame. The expression is compiled first with keys of their known types, and
 * if that fails, with keys that may be missing. */
static bool expression_compute(struct debugger *d, const char *expression, const struct expression_wanted *wanted,
                               char *text, size_t size)
{
    uint32_t function = image_strategy(d->program, 0)->function, pc = 0, lines;
    struct image_place at;
    char path[1024];
    if (strlen(expression) > EXPRESSION_MAX) {
        (void)snprintf(text, size, "an expression has at most %d bytes here", EXPRESSION_MAX);
        return false;
    }
    if (has_nothing(d, expression, text, size)) return false;
    if (!debugger_frame(d, &function, &pc, &at) && !image_place(d->program, function, pc, &at))
        at = (struct image_place){{"", 0}, 0, 0};
    variant_home(&d->sources, at.file, path, sizeof path);
    char ignored[EXPRESSION_MAX];
    bool good = false, made = false;
    for (unsigned perhaps = 0; perhaps < 2 && !made;
         perhaps++) { /* the first try takes keys as present, the second as optional: `key != none and ...` */
        struct making m = {.debugger = d, .expression = expression, .perhaps = perhaps > 0};
        m.why = perhaps ? ignored : text;
        m.size = perhaps ? sizeof ignored : size;
        char *behind = expression_make_text(&m, wanted, &lines);
        const struct variant variant = {d->sources, path, behind};
        uint32_t before = 0;
        const struct image *image = m.good ? expression_compiled(d, &variant, &before, m.why, m.size) : NULL;
        made = image != NULL;
        good = made && expression_run(&m, image, before + lines + 1, wanted->graft, text, size);
        free(behind);
    }
    return good;
}

bool expression_show(struct debugger *d, const char *expression, char *text, size_t size)
{
    return expression_compute(d, expression, &(struct expression_wanted){.type = TYPE_VOID}, text, size);
}

bool expression_holds(struct debugger *d, const char *expression, bool *yes, char *why, size_t size)
{
    char text[EXPRESSION_MAX];
    if (!expression_compute(d, expression, &(struct expression_wanted){d->program, TYPE_BOOL, NULL}, text, sizeof text))
        return why_set(why, size, "%s", text);
    *yes = strcmp(text, "true") == 0;
    return true;
}

bool expression_graft(struct debugger *d, const char *expression, uint16_t type, struct graft **graft, char *text,
                      size_t size)
{
    *graft = NULL;
    if (expression_compute(d, expression, &(struct expression_wanted){d->look.image, type, graft}, text, size))
        return true;
    graft_free(*graft);
    *graft = NULL;
    return false;
}
