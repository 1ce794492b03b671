/* runtime/debugger/changes.c - Changes variables and keys during a play.
 *
 * A change is stored with the moment at which it was made. Going back plays the test again, and each change is made
 * again when the play reaches its moment (changes_again); going on from a moment before the change discards it
 * (changes_forget_later), as the play then takes another course. Only values that can be written as a literal are
 * accepted, since a stored word may refer to another object after a replay. */

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/debugger.h"
#include "runtime/debugger/expression.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"
#include "base/shown.h"

enum { NAME_BYTES = 64, VALUE_BYTES = 512 };

struct change {
    uint64_t moment, at_us, word;
    bool key;
    uint32_t number, frame; /* `number` of the key's slot, or of the register in `frame` */
    uint16_t type;
    char name[NAME_BYTES], value[VALUE_BYTES]; /* a str as it is, other values as they are displayed */
};

static bool slot_is_called(struct text text, const char *name)
{
    return text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0;
}

/* Finds the variable or the key that the change names; false: there is none. */
static bool change_find_slot(struct debugger *d, struct change *change, bool *secret)
{
    const struct image *image = d->look.image;
    uint32_t function, pc;
    uint64_t ignored;
    struct image_place at;
    if (!debugger_frame(d, &function, &pc, &at)) return false;
    *secret = false;
    for (uint32_t reg = 0; reg < image_function(image, function)->register_count; reg++) {
        if (!slot_is_called(image_variable(image, function, pc, (uint8_t)reg), change->name)) continue;
        if (!debugger_knows(d, (uint8_t)reg)) continue;
        if (!vm_look_register(core_vm(d->core), d->frame, (uint8_t)reg, &change->type, &ignored)) continue;
        change->number = reg;
        change->frame = d->frame;
        *secret = image_variable_secret(image, function, pc, (uint8_t)reg);
        return true;
    }
    const struct image_strategy *strategy = image_strategy(image, d->look.block->strategy);
    for (uint32_t slot = 0; slot < image_slot_count(strategy); slot++) {
        const struct image_slot *row = image_slot(image, strategy, slot);
        if (!slot_is_called(image_text(image, row->name), change->name)) continue;
        change->number = slot;
        change->key = true;
        change->type = (uint16_t)(row->type | TYPE_OPTIONAL); /* none: not attached */
        *secret = row->secret;
        return !row->parameter;
    }
    return false;
}

/* Does the stored word have the same meaning in the running image? The image of another machine has its own objects,
 * and its names may have other numbers. */
static bool means_the_same(struct debugger *d, const struct change *change)
{
    const struct values here = values_here(d);
    uint16_t base = type_base(change->type);
    char *text = NULL;
    size_t length;
    if (base == TYPE_STR || value_is_none(change->type, change->word)) return true;
    if (type_is_object(here.image, change->type)) return false;
    FILE *out = memory_stream(&text, &length);
    bool good = show_literal(&here, change->type, change->word, out);
    fclose(out);
    good = good && strcmp(text, change->value) == 0;
    free(text);
    return good;
}

static bool change_add(struct debugger *d, const struct change *change)
{
    struct vm *vm = core_vm_played(d->core);
    uint64_t word = change->word;
    bool text = type_base(change->type) == TYPE_STR && !value_is_none(change->type, word);
    bool none = change->key && value_is_none(change->type, word);
    if (text && !vm_look_text(vm, change->value, (uint32_t)strlen(change->value), &word)) return false;
    bool made = change->key ? vm_look_set_slot(vm, change->number, none ? NULL : &word)
                            : vm_look_set_register(vm, change->frame, (uint8_t)change->number, word);
    return vm_look(vm, d->place.function, &d->look) && made;
}

/* Reads NAME = EXPRESSION and returns the expression; NULL: the text is not of this form. */
static const char *changes_read_name(const char *text, char *name)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_') length++;
    const char *rest = text + length + strspn(text + length, " ");
    if (length == 0 || length >= NAME_BYTES || *rest != '=' || rest[1] == '=') return NULL;
    (void)snprintf(name, NAME_BYTES, "%.*s", (int)length, text);
    rest += 1 + strspn(rest + 1, " ");
    return *rest ? rest : NULL;
}

bool changes_set(struct debugger *d, const char *text, char *why, size_t size)
{
    struct change change = {.moment = d->moment, .at_us = d->now_us};
    const char *expression = changes_read_name(text, change.name);
    bool secret = false;
    if (d->past)
        (void)snprintf(why, size, "the past cannot be changed");
    else if (!expression)
        (void)snprintf(why, size, "write set NAME = EXPRESSION");
    else if (d->place.interaction == 0 || !d->at_line)
        (void)snprintf(why, size, "only before a line of a strategy can it be set: step, or break there");
    else if (!change_find_slot(d, &change, &secret))
        (void)snprintf(why, size, "no variable that has a value here and no key is called '%s'", change.name);
    else if (secret)
        (void)snprintf(why, size, "%s is secret", change.name);
    else if (!expression_word(d, expression, change.type, &change.word, change.value, sizeof change.value))
        (void)snprintf(why, size, "%s", change.value);
    else if (!means_the_same(d, &change) || !change_add(d, &change))
        (void)snprintf(why, size,
                       "lists, records and objects cannot be set here, nor a text for which there is no room");
    else {
        struct debugger_changes *changes = &d->changes;
        /* values can be changed only in a play of one's own, not in a journal's */
        assert(!d->past && d->place.interaction != 0);
        changes->all = memory_grown(changes->all, changes->count + 1, sizeof *changes->all);
        changes->all[changes->count++] = change;
        return true;
    }
    return false;
}

void changes_again(struct debugger *d)
{
    for (size_t i = 0; i < d->changes.count; i++)
        if (d->changes.all[i].moment == d->moment) (void)change_add(d, &d->changes.all[i]);
}

bool changes_forget_later(struct debugger *d)
{
    size_t before = d->changes.count;
    for (size_t i = before; i-- > 0;)
        if (d->changes.all[i].moment > d->moment) d->changes.all[i] = d->changes.all[--d->changes.count];
    return d->changes.count < before;
}

void changes_show(const struct debugger *d, FILE *out)
{
    for (size_t i = 0; i < d->changes.count; i++) {
        const struct change *change = &d->changes.all[i];
        bool text = type_base(change->type) == TYPE_STR && !value_is_none(change->type, change->word);
        shown_print(out,
                    "// no line of a test, and not in what follows: at %" PRIu64 ".%03" PRIu64 "s set %s = %s%s%s\n",
                    change->at_us / 1000000, change->at_us / 1000 % 1000, change->name, text ? "\"" : "", change->value,
                    text ? "\"" : "");
    }
}

void changes_free(struct debugger_changes *changes)
{
    free(changes->all);
    *changes = (struct debugger_changes){.count = 0};
}
