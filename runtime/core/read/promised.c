/* runtime/core/read/promised.c - Counts and hashes what a core has promised, row by row.
 *
 * A promise is anything that a person outside relies on: a call-back, a kept place, a caller who waits, a counter, a
 * change by hand, a record of a list. Two cores with the same promises give the same counts and hashes, whatever
 * their slots and orders: each row is hashed and the hashes are added. So it can be proved that an upgrade or a
 * migration has lost nothing. */
#include "runtime/core/read/promised.h"

#include <assert.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/read.h"
#include "runtime/core/steps/kept_place.h"

/* FNV-1a, written out here because it must never change. */
static const uint64_t basis = UINT64_C(0xcbf29ce484222325), prime = UINT64_C(0x100000001b3);

static uint64_t with_byte(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * prime;
}

static uint64_t with_number(uint64_t hash, uint64_t number)
{
    for (unsigned at = 0; at < 8; at++) hash = with_byte(hash, (uint8_t)(number >> 8 * at));
    return hash;
}

/* Adds a text to the hash; its length comes first, so "ab" and "c" differ from "a" and "bc". */
static uint64_t with_text(uint64_t hash, struct span text)
{
    hash = with_number(hash, text.length);
    for (uint32_t at = 0; at < text.length; at++) hash = with_byte(hash, text.bytes[at]);
    return hash;
}

static void promised_add(struct promised *promised, enum promised_kind kind, uint64_t hash)
{
    promised->of[kind].count++;
    promised->of[kind].hash += hash;
}

/* Counts the call-backs; one that is being dialled counts as a waiting caller, not twice. */
static void promised_callbacks(const struct core *core, struct promised *promised)
{
    struct booking_row row;
    for (uint32_t at = 0; core_booking(core, at, &row); at++) {
        if (row.id == 0 || row.ixn != 0) continue;
        uint64_t hash = with_number(with_number(basis, row.id), (uint64_t)row.due_us);
        hash = with_text(with_text(with_text(hash, row.number), row.strategy), row.dn);
        promised_add(promised, PROMISED_callback, hash);
    }
}

static void promised_places(const struct core *core, struct promised *promised)
{
    for (uint32_t at = 0; at < core->kept_places->count; at++) {
        const struct kept_place *place = &core->kept_places->all[at];
        if (place->ixn == 0 || place->alone) continue;
        uint64_t hash = with_number(with_number(basis, place->ixn), place->entered_us);
        hash = with_text(hash, (struct span){place->number, place->length});
        promised_add(promised, PROMISED_place, with_number(with_number(hash, place->tries), place->answer_us));
    }
}

/* Counts the waiting callers among living interactions; the number of these ends the loop, because the cursor would
 * go on with ended ones. */
static void promised_waiting(const struct core *core, struct promised *promised)
{
    struct interaction_row row;
    for (uint64_t cursor = 0, left = core->interactions->live; left > 0 && core_interaction(core, &cursor, &row);
         left--) {
        uint64_t hash = with_number(with_number(with_number(basis, row.ixn), row.conn), row.arrived_us);
        hash = with_text(with_text(with_text(hash, row.strategy), row.media), row.ani);
        promised_add(promised, PROMISED_waiting, with_number(with_text(hash, row.vq), (uint64_t)row.priority));
    }
}

static void promised_counters(const struct core *core, struct promised *promised)
{
    struct counter_row row;
    for (uint32_t at = 0; core_counter(core, at, &row); at++) {
        uint64_t hash = with_text(with_text(basis, row.name), row.key);
        promised_add(promised, PROMISED_counter, with_number(with_number(hash, row.count), (uint64_t)row.over_us));
    }
}

static void promised_parameters(const struct core *core, struct promised *promised)
{
    struct change_row row;
    for (uint32_t at = 0; core_change(core, at, &row); at++) {
        if (row.name.length == 0) continue;
        uint64_t hash = with_text(with_text(with_number(basis, row.table), row.name), row.item);
        promised_add(promised, PROMISED_parameter, with_number(with_text(hash, row.row), (uint64_t)row.until_us));
    }
}

static void promised_campaigns(const struct core *core, struct promised *promised)
{
    struct campaign_row campaign;
    struct list_record_row row;
    for (uint32_t at = 0; core_campaign(core, at, &campaign); at++)
        if (campaign.name.length != 0)
            promised_add(promised, PROMISED_campaign, with_number(with_text(basis, campaign.name), campaign.mode));
    for (uint32_t at = 0; core_list_record(core, at, &row); at++) {
        if (row.id == 0) continue;
        uint64_t hash = with_text(with_text(with_number(basis, row.record), row.campaign), row.number);
        promised_add(promised, PROMISED_list_record, with_number(hash, (uint64_t)row.due_us));
    }
}

void core_promised(const struct core *core, struct promised *promised)
{
    *promised = (struct promised){0};
    promised_callbacks(core, promised);
    promised_places(core, promised);
    promised_waiting(core, promised);
    promised_counters(core, promised);
    promised_parameters(core, promised);
    promised_campaigns(core, promised);
}

const char *promised_words(enum promised_kind kind)
{
    static const char *const words[] = {
#define PROMISED(kind, words) words,
#include "runtime/core/read/promised.def"
    };
    assert(kind < PROMISED_KINDS);
    return words[kind];
}
