/* runtime/core/run/consult.c - Consultations: the main interaction lists them by slot, newest
 * first.
 *
 *     main --consults--> consultation 3 --consult_next--> consultation 1
 *                             \------------ main --------------/  each names the main one
 *
 * A consultation may read the main interaction's data and attributes. Values are copied into the consultation's
 * block, since the main interaction's block may move or end. A consultation is told of two events of its main
 * interaction: it was transferred, or it was released. The event is noted as due, and its handler runs when the
 * consultation can be interrupted. */
#include "runtime/core/run/consult.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/vocabulary/ident.h"
#include "base/utf8.h"

enum { TEXT_ROOM = 256 };

void consult_begin(struct core *core, struct interaction *consult, struct interaction *main)
{
    uint32_t next = interaction_extra(core->interactions, main)->consults;
    assert(interaction_extra(core->interactions, consult)->main == INTERACTION_NONE);
    interaction_extra_make(core->interactions, main)->consults = consult->slot;
    struct extra *extra = interaction_extra_make(core->interactions, consult);
    extra->main = main->slot;
    extra->consult_next = next;
    fact_tell(core->facts, &(struct fact){.what = FACT_consults, .ixn = consult->id, .other = main->id});
}

void consult_over(struct core *core, struct interaction *ix)
{
    const uint32_t main = interaction_extra(core->interactions, ix)->main,
                   next = interaction_extra(core->interactions, ix)->consult_next;
    if (main == INTERACTION_NONE) return;
    struct interaction *before = interaction_at(core->interactions, main);
    uint32_t *at = &interaction_extra_make(core->interactions, before)->consults;
    while (*at != ix->slot) {
        assert(*at != INTERACTION_NONE); /* fails if the main interaction does not list this consultation */
        before = interaction_at(core->interactions, *at);
        at = &interaction_extra_make(core->interactions, before)->consult_next;
    }
    *at = next;
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    extra->main = extra->consult_next = INTERACTION_NONE;
    interaction_extra_spare(core->interactions, ix);
    interaction_extra_spare(core->interactions, before);
    interaction_due_events_set(core->interactions, ix, 0);
}

/* Takes the first consultation out of the list and returns it. The caller calls it again until none is left. */
struct interaction *consult_left(struct core *core, struct interaction *main)
{
    if (interaction_extra(core->interactions, main)->consults == INTERACTION_NONE) return NULL;
    struct interaction *ix = interaction_at(core->interactions, interaction_extra(core->interactions, main)->consults);
    consult_over(core, ix);
    interaction_touch(core->interactions, ix);
    return ix;
}

void consult_main_becomes(struct core *core, struct interaction *main, struct interaction *other)
{
    while (interaction_extra(core->interactions, main)->consults != INTERACTION_NONE) {
        struct interaction *ix =
            interaction_at(core->interactions, interaction_extra(core->interactions, main)->consults);
        consult_over(core, ix);
        if (ix != other) consult_begin(core, ix, other);
        interaction_touch(core->interactions, ix);
    }
}

/* Takes one event from the set of due ones; a transfer comes before the release that follows it. NULL also if the
 * strategy is in a handler already: then the event is dropped. */
const struct image_handler *consult_due(struct core *core, struct interaction *ix)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    unsigned due = interaction_extra(core->interactions, ix)->due_events;
    if (due == 0 || ix->route_phase != ROUTE_IDLE)
        return NULL; /* no event now: a call that rings at a destination may still be answered there */
    enum image_event event = due & 1u << EVENT_TRANSFERRED ? EVENT_TRANSFERRED : EVENT_MAIN_RELEASED;
    const struct image_handler *handler = image_handler_of(block_image(slab, block), block->strategy, event);
    interaction_due_events_set(core->interactions, ix, (uint16_t)(due & ~(1u << event)));
    interaction_touch(core->interactions, ix);
    return !ix->gone && !vm_handling(slab, block) ? handler : NULL;
}

bool consult_happened(struct core *core, struct interaction *ix, enum image_event event)
{
    if (!ix->running || ix->gone) return false;
    unsigned due = interaction_extra(core->interactions, ix)->due_events;
    interaction_due_events_set(core->interactions, ix, (uint16_t)(due | 1u << event));
    interaction_touch(core->interactions, ix);
    return true;
}

/* Makes the text as a str in the consultation's block; true: it had room. */
static bool consult_copied(struct core *core, struct interaction *ix, const char *bytes, uint32_t length,
                           uint64_t *word)
{
    char copy[TEXT_ROOM]; /* a copy, since the text may be in a block that moves */
    length = utf8_cut(bytes, length, sizeof copy);
    memcpy(copy, bytes, length);
    return block_make_text(core->slab, ix->block, copy, length, word);
}

static bool system_of(struct core *core, struct interaction *ix, const struct interaction *main, uint32_t number,
                      bool optional, uint64_t *word)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, main->block);
    if (number == 4) { /* system value number 4 is `due`, a time; all other numbers are texts */
        *word = block_system(block, number);
        return !value_is_none(TYPE_TIME | TYPE_OPTIONAL, *word);
    }
    struct text text = block_system_text(block_image(slab, block), block, number);
    return (text.length != 0 || !optional) && consult_copied(core, ix, text.bytes, text.length, word);
}

static bool asked_of_core(struct core *core, struct interaction *ix, const struct interaction *main, uint32_t number,
                          uint64_t *word)
{
    char text[IXN_TEXT];
    switch (number) {
    case ATTRIBUTE_ID_id:
        return consult_copied(core, ix, text, ident_print_ixn(main->id, text), word);
    case ATTRIBUTE_ID_conn_id:
        return consult_copied(core, ix, text, ident_print_conn(main->leg ? main->conn : 0, text), word);
    default:
        return interaction_clock(core->interactions, main, number, word);
    }
}

static bool attribute_of(struct core *core, struct interaction *ix, const struct interaction *main, uint32_t number,
                         uint64_t *word)
{
    const struct block *block = block_at(core->slab, main->block);
    /* clang-format off */
    switch (number) {
#define HEADER(field)       *word = (uint64_t)block->field; return true;
#define SYSTEM(n)           return system_of(core, ix, main, n, is_optional, word);
#define CORE                return asked_of_core(core, ix, main, number, word);
#define SLOT                return false;
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes) \
    case number: { bool is_optional = optional; (void)is_optional; where }
#include "vm/attributes.def"
#undef ATTRIBUTE
#undef HEADER
#undef SYSTEM
#undef CORE
#undef SLOT
    default: return false;
    }
    /* clang-format on */
}

/* Reads the value that the main interaction has under the given name, as the type that the consultation's strategy
 * declares. */
static bool consult_parameter(struct core *core, struct interaction *ix, const struct interaction *main,
                              const struct image_slot *slot, struct text name, uint64_t *word)
{
    struct kv data;
    struct kv_pair pair;
    uint32_t at = 0;
    bool found = false;
    kv_init(&data);
    userdata_all(core->interactions, main, &data);
    while (!found && kv_next(kv_span(&data), &at, &pair))
        found = pair.key.length == name.length && memcmp(pair.key.bytes, name.bytes, name.length) == 0;
    if (found && pair.value.secret && !slot->secret)
        found = false; /* a secret value stays secret, even if this image does not declare the key as secret */
    found = found && pair.value.tag != KV_NONE &&
            userdata_word(core->interactions, ix, type_base(slot->type), &pair.value, word);
    kv_free(&data);
    return found;
}

/* Answers the VM's question for a value of the main interaction; false: there is no such value. */
bool consult_main(void *self, uint32_t handle, bool slot, uint32_t number, uint64_t *word)
{
    struct core *core = self;
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, handle);
    struct interaction *ix = interaction_of_block(core->interactions, handle);
    if (interaction_extra(core->interactions, ix)->main == INTERACTION_NONE) return false;
    const struct interaction *main =
        interaction_at(core->interactions, interaction_extra(core->interactions, ix)->main);
    if (!slot) return attribute_of(core, ix, main, number, word);
    const struct image *image = block_image(slab, block);
    const struct image_slot *key = image_slot(image, block_strategy(slab, block), number);
    return consult_parameter(core, ix, main, key, image_text(image, key->name), word);
}
