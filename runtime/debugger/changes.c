/* runtime/debugger/changes.c - Changes variables, keys and attributes during a play.
 *
 *     set score = 20                a variable of the frame, or a declared key
 *     set it.tier = "gold"          a field of a record: the variable gets a copy of the record with that field
 *     set priority = 10             an attribute that the strategy's block has
 *
 * A change is stored with the moment at which it was made. Going back plays the test again, and each change is made
 * again when the play reaches its moment (changes_again); going on from a moment before the change discards it
 * (changes_forget_later), as the play then takes another course. `unset` discards it, too. The value is stored as a
 * graft, since a word may refer to another object after a replay. */

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/debugger.h"
#include "runtime/debugger/expression.h"
#include "runtime/debugger/graft.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"
#include "base/shown.h"
#include "base/why.h"

enum { NAME_BYTES = 64, CHANGE_NAMED_BYTES = 256, VALUE_BYTES = 4096, FIELDS_MAX = 8 };

struct change {
    uint64_t moment, at_us;
    uint32_t function, pc; /* place in the code: after an earlier change the moment may be elsewhere */
    enum change_of { CHANGE_VARIABLE, CHANGE_KEY, CHANGE_ATTRIBUTE } of;
    uint32_t number, frame;      /* `number` of the register in `frame`, of the key's slot, or of the attribute */
    uint16_t type;               /* type of the variable, key or attribute */
    uint16_t fields[FIELDS_MAX]; /* the way to the field of a record that is set */
    uint32_t field_count;
    char written[CHANGE_NAMED_BYTES]; /* the name that the user typed: it.tier */
    char value[VALUE_BYTES];          /* the new value, as a literal of the language */
    struct graft *graft;              /* owned */
};

static bool slot_is_called(struct text text, const char *name)
{
    return text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0;
}

/* ---- what a change sets ---- */

/* Finds the variable of the frame; false: none of that name has a value. */
static bool change_find_variable(struct debugger *d, const char *name, struct change *change, bool *secret)
{
    const struct image *image = d->look.image;
    uint32_t function, pc;
    uint64_t ignored;
    struct image_place at;
    if (!debugger_frame(d, &function, &pc, &at)) return false;
    for (uint32_t reg = 0; reg < image_function(image, function)->register_count; reg++) {
        if (!slot_is_called(image_variable(image, function, pc, (uint8_t)reg), name)) continue;
        if (!debugger_knows(d, (uint8_t)reg)) continue;
        if (!vm_look_register(core_vm(d->core), d->frame, (uint8_t)reg, &change->type, &ignored)) continue;
        change->of = CHANGE_VARIABLE;
        change->number = reg;
        change->frame = d->frame;
        *secret = image_variable_secret(image, function, pc, (uint8_t)reg);
        return true;
    }
    return false;
}

static bool change_find_key(struct debugger *d, const char *name, struct change *change, bool *secret)
{
    const struct image *image = d->look.image;
    const struct image_strategy *strategy = image_strategy(image, d->look.block->strategy);
    for (uint32_t slot = 0; slot < image_slot_count(strategy); slot++) {
        const struct image_slot *row = image_slot(image, strategy, slot);
        if (!slot_is_called(image_text(image, row->name), name)) continue;
        change->of = CHANGE_KEY;
        change->number = slot;
        change->type = (uint16_t)(row->type | TYPE_OPTIONAL); /* none: not attached */
        *secret = row->secret;
        return !row->parameter;
    }
    return false;
}

/* Finds an attribute that the interaction has: one that a strategy of its medium can read here. */
static bool change_find_attribute(struct debugger *d, const char *name, struct change *change)
{
    const struct attribute *one = attribute_named(name, (uint32_t)strlen(name));
    char ignored[VALUE_BYTES];
    if (!one || !vm_look_may_set(one->number)) return false;
    change->of = CHANGE_ATTRIBUTE;
    change->number = one->number;
    change->type = one->type;
    return show_named(d, name, ignored, sizeof ignored) || expression_show(d, name, ignored, sizeof ignored);
}

/* Reads the present word of the variable, key or attribute; false: there is no value, such as of a key that is not
 * attached. */
static bool change_read(struct debugger *d, const struct change *change, uint64_t *word)
{
    uint16_t type;
    if (change->of == CHANGE_KEY) return block_slot(d->look.block, change->number, word);
    return change->of == CHANGE_VARIABLE &&
           vm_look_register(core_vm(d->core), change->frame, (uint8_t)change->number, &type, word);
}

/* Finds the fields behind the name, `.tier` or `?.address.city`, and the type of the last one. False: `why` not. */
static bool change_find_fields(struct debugger *d, struct change *change, const char *rest, uint16_t *type, char *why,
                               size_t size)
{
    const struct image *image = d->look.image;
    uint64_t word = 0;
    if (*rest && !change_read(d, change, &word)) return why_set(why, size, "%s has no value here", change->written);
    *type = change->type;
    while (*rest) {
        rest += *rest == '?';
        rest += *rest == '.';
        uint32_t length = (uint32_t)strcspn(rest, ".?");
        bool record = type_base(*type) >= TYPE_OWN && type_is_record(image, *type);
        int32_t field = record ? image_field_find(image, type_base(*type), rest, length) : -1;
        if (field < 0 || change->field_count == FIELDS_MAX)
            return why_set(why, size, "%s: there is no field '%.*s'", change->written, (int)length, rest);
        if (type_is_optional(*type) && value_is_none(*type, word))
            return why_set(why, size, "%s: what should have the field '%.*s' is none here", change->written,
                           (int)length, rest);
        if (image_field_secret(image, *type, (uint32_t)field))
            return why_set(why, size, "%.*s is secret", (int)length, rest);
        change->fields[change->field_count++] = (uint16_t)field;
        word = block_field(image, d->look.block, word, (uint32_t)field);
        *type = image_field_type(image, *type, (uint32_t)field);
        rest += length;
    }
    return true;
}

/* Reads what stands before `=` and returns the expression behind it; NULL: the text is not of this form. */
static const char *changes_read_name(const char *text, char *written, char *name)
{
    static const char attached[] = "attached.";
    if (strncmp(text, attached, sizeof attached - 1) == 0) text += sizeof attached - 1;
    size_t length = 0, all = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_') length++;
    for (all = length; isalnum((unsigned char)text[all]) || (text[all] && strchr("_.?", text[all]));) all++;
    const char *rest = text + all + strspn(text + all, " ");
    if (length == 0 || length >= NAME_BYTES || all >= CHANGE_NAMED_BYTES || *rest != '=' || rest[1] == '=') return NULL;
    (void)snprintf(name, NAME_BYTES, "%.*s", (int)length, text);
    (void)snprintf(written, CHANGE_NAMED_BYTES, "%.*s", (int)all, text);
    rest += 1 + strspn(rest + 1, " ");
    return *rest ? rest : NULL;
}

/* ---- making a change ---- */

/* Makes a copy of the record with the field at the end of the way replaced by `leaf`. */
static bool change_record(struct debugger *d, const struct change *change, uint32_t depth, uint16_t type, uint64_t word,
                          uint64_t leaf, uint64_t *made)
{
    const struct image *image = d->look.image;
    if (depth == change->field_count) {
        *made = leaf;
        return true;
    }
    if (type_is_optional(type) && value_is_none(type, word)) return false;
    const uint32_t count = image_field_count(image, type), field = change->fields[depth];
    uint64_t *words = memory_zeroed((size_t)count + 1, sizeof *words);
    for (uint32_t i = 0; i < count; i++) words[i] = block_field(image, d->look.block, word, i);
    bool good =
        field < count &&
        change_record(d, change, depth + 1, image_field_type(image, type, field), words[field], leaf, &words[field]) &&
        vm_look_record(core_vm_played(d->core), type, words, count, made);
    free(words);
    return good;
}

/* Returns how many bytes of the block the change needs at most. */
static uint32_t change_bytes(const struct change *change)
{
    enum { RECORD_BYTES = 8 + 8 * 256 }; /* bytes of the largest record, with 256 fields */
    return graft_bytes(change->graft) + change->field_count * RECORD_BYTES;
}

static bool change_add(struct debugger *d, const struct change *change)
{
    struct vm *vm = core_vm_played(d->core);
    const struct image *image = d->look.image;
    uint16_t type = change->type;
    uint64_t before = 0, leaf, word;
    /* makes room for the whole change first: afterwards no object of the block is moved */
    if (!vm_look_room(vm, change_bytes(change)) || !vm_look(vm, d->place.function, &d->look)) return false;
    bool good = change->field_count == 0 || change_read(d, change, &before);
    for (uint32_t i = 0; good && i < change->field_count; i++) type = image_field_type(image, type, change->fields[i]);
    good = good && graft_put(change->graft, image, vm, type, &leaf) && vm_look(vm, d->place.function, &d->look) &&
           change_record(d, change, 0, change->type, before, leaf, &word);
    bool none = good && change->of == CHANGE_KEY && value_is_none(change->type, word);
    if (good && change->of == CHANGE_KEY)
        good = vm_look_set_slot(vm, change->number, none ? NULL : &word);
    else if (good && change->of == CHANGE_ATTRIBUTE)
        good = vm_look_set_attribute(vm, change->number, word);
    else if (good)
        good = vm_look_set_register(vm, change->frame, (uint8_t)change->number, word);
    return vm_look(vm, d->place.function, &d->look) && good;
}

/* Computes the value, and keeps it with the change; `now`: also makes the change in this play. */
static bool change_compute(struct debugger *d, struct change *change, const char *expression, uint16_t type, bool now,
                           char *why, size_t size)
{
    if (!expression_graft(d, expression, type, &change->graft, change->value, sizeof change->value))
        return why_set(why, size, "%s", change->value);
    if (!change->graft)
        return why_set(why, size, "%s means nothing elsewhere, or is secret, and cannot be set", expression);
    if (strlen(change->value) + 1 == sizeof change->value || (now && !change_add(d, change)))
        return why_set(why, size, "there is no room for this value, or this program has no such value");
    return true;
}

/* Reads `NAME = EXPRESSION`, and adds the change to those that each play makes. */
static bool changes_hold(struct debugger *d, const char *text, bool now, char *why, size_t size)
{
    struct change change = {.moment = d->moment, .at_us = d->now_us, .function = d->place.function, .pc = d->place.pc};
    char name[NAME_BYTES];
    uint16_t type = TYPE_VOID;
    const char *expression = changes_read_name(text, change.written, name);
    bool secret = false;
    if (!expression) return why_set(why, size, "write set NAME = EXPRESSION, or set NAME.FIELD = EXPRESSION");
    if (d->place.interaction == 0 || !d->at_line)
        return why_set(why, size, "only before a line of a strategy can it be set: step, or break there");
    if (!change_find_variable(d, name, &change, &secret) && !change_find_key(d, name, &change, &secret) &&
        !change_find_attribute(d, name, &change)) {
        bool known = attribute_named(name, (uint32_t)strlen(name)) != NULL;
        return known
                   ? why_set(why, size, "the attribute %s is the core's, or has no value here, and cannot be set", name)
                   : why_set(why, size, "no variable that has a value here and no key is called '%s'", name);
    }
    if (secret) return why_set(why, size, "%s is secret", name);
    if (!change_find_fields(d, &change, change.written + strlen(name), &type, why, size)) return false;
    if (!change_compute(d, &change, expression, type, now, why, size)) {
        graft_free(change.graft);
        return false;
    }
    struct debugger_changes *changes = &d->changes;
    assert(d->place.interaction != 0);
    changes->all = memory_grown(changes->all, changes->count + 1, sizeof *changes->all);
    changes->all[changes->count++] = change;
    return true;
}

bool changes_set(struct debugger *d, const char *text, char *why, size_t size)
{
    if (d->past && !past_with(d->past))
        return why_set(why, size, "the past is played; the command set plays it from here on with another value");
    return changes_hold(d, text, true, why, size);
}

bool changes_fork(struct debugger *d, const char *text, char *why, size_t size)
{
    assert(d->past && !d->live && !past_with(d->past));
    if (d->about == 0)
        return why_set(why, size, "of a journal one interaction can be played otherwise: gcxdb replay JOURNAL CONN_ID");
    return changes_hold(d, text, false, why, size);
}

void changes_again(struct debugger *d)
{
    for (size_t i = 0; i < d->changes.count; i++) {
        const struct change *change = &d->changes.all[i];
        bool here = change->function == d->place.function && change->pc == d->place.pc;
        if (here && change->moment == d->moment) (void)change_add(d, change);
    }
}

/* ---- taking back ---- */

static void changes_drop(struct debugger_changes *changes, size_t index)
{
    assert(index < changes->count);
    graft_free(changes->all[index].graft);
    changes->count--;
    memmove(&changes->all[index], &changes->all[index + 1], (changes->count - index) * sizeof *changes->all);
}

bool changes_forget_later(struct debugger *d)
{
    size_t before = d->changes.count;
    for (size_t i = before; i-- > 0;)
        if (d->changes.all[i].moment > d->moment) changes_drop(&d->changes, i);
    return d->changes.count < before;
}

uint64_t changes_forget(struct debugger *d, const char *named)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = d->changes.count; i-- > 0;) {
        const struct change *change = &d->changes.all[i];
        if (*named && strcmp(change->written, named) != 0) continue;
        if (change->moment < first) first = change->moment;
        changes_drop(&d->changes, i);
    }
    return first;
}

/* ---- shown ---- */

static void changes_put_one(const struct change *change, const char *before, FILE *out)
{
    shown_print(out, "%s%" PRIu64 ".%03" PRIu64 "s set %s = %s\n", before, change->at_us / 1000000,
                change->at_us / 1000 % 1000, change->written, change->value);
}

void changes_show(const struct debugger *d, FILE *out)
{
    for (size_t i = 0; i < d->changes.count; i++)
        changes_put_one(&d->changes.all[i], "// no line of a test, and not in what follows: at ", out);
}

void changes_list(struct debugger *d)
{
    if (d->changes.count == 0) puts("Nothing was set.");
    for (size_t i = 0; i < d->changes.count; i++) changes_put_one(&d->changes.all[i], "  ", stdout);
}

void changes_free(struct debugger_changes *changes)
{
    while (changes->count > 0) changes_drop(changes, changes->count - 1);
    free(changes->all);
    *changes = (struct debugger_changes){.count = 0};
}
