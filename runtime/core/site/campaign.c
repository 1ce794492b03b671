/* runtime/core/site/campaign.c - The campaigns of the directory, and their rule sets.
 *
 *     row "spring": mode predictive, agents sales, list L1, rule_set "calm"
 *     rule set "calm": abandoned_permille and others; a rule it does not name has its usual value
 *
 * A whole directory is imported by mark and sweep: all rows are marked unseen, rows that come are marked seen, and
 * unseen rows are dropped. A dropped row keeps its slot, because loaded campaigns refer to it; it is only marked as
 * not known. */
#include "runtime/core/site/campaign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/owned.h"
#include "runtime/vocabulary/rows.h"

// clang-format off
const struct campaign_number campaign_numbers[CAMPAIGN_RULES] = {
#define RULE(name, least, most, otherwise, doc) {#name, least, most, otherwise, false},
#define TERM(name, least, most, otherwise, doc) {#name, least, most, otherwise, true},
#include "runtime/core/site/campaign_rules.def"
};
static const char *const out_of_range[CAMPAIGN_RULES] = {
#define RULE(name, least, most, otherwise, doc) " has a wrong " #name "; expected a number from " #least " to " #most,
#define TERM(name, least, most, otherwise, doc) " has a wrong " #name "; expected a number from " #least " to " #most,
#include "runtime/core/site/campaign_rules.def"
};
// clang-format on

static uint64_t campaign_key(const void *owner, uint32_t slot)
{
    return ((const struct campaign_definitions *)owner)->all[slot].name;
}

static uint64_t set_key(const void *owner, uint32_t slot)
{
    return ((const struct campaign_definitions *)owner)->sets[slot].name;
}

void campaign_definitions_init(struct campaign_definitions *definitions)
{
    *definitions = (struct campaign_definitions){0};
    lookup_init(&definitions->by_name, definitions, campaign_key);
    lookup_init(&definitions->set_by_name, definitions, set_key);
}

void campaign_definitions_free(struct campaign_definitions *definitions)
{
    for (uint32_t at = 0; at < definitions->count; at++) {
        span_free(&definitions->all[at].filter);
        span_free(&definitions->all[at].order);
    }
    free(definitions->all);
    free(definitions->sets);
    lookup_free(&definitions->by_name);
    lookup_free(&definitions->set_by_name);
}

static void text_take(struct span *text, struct span row, const char *key)
{
    struct kv_value value;
    span_free(text);
    if (!kv_get(row, key, &value) || value.tag != KV_TEXT || value.span.length == 0) return;
    uint8_t *copy = memory_zeroed(value.span.length, 1);
    memcpy(copy, value.span.bytes, value.span.length);
    *text = (struct span){copy, value.span.length};
}

static uint32_t name_take(struct names *names, struct span row, const char *key)
{
    struct kv_value value;
    return kv_get(row, key, &value) && value.tag == KV_TEXT ? names_intern(names, value.span) : 0;
}

/* Returns the row's mode; 0: none, or a wrong one. A mode is checked before the row is imported; a wrong mode here
 * only means that nothing is dialled. */
static uint8_t campaign_row_mode(struct span row)
{
    struct kv_value value;
    if (!kv_get(row, "mode", &value) || value.tag != KV_TEXT) return campaign_mode_none;
    int mode = enum_value_campaign_mode((const char *)value.span.bytes, value.span.length);
    return mode > 0 ? (uint8_t)mode : campaign_mode_none;
}

/* Returns the campaign's row and makes it if needed; NULL: there is no room for one more. */
static struct campaign_definition *campaign_make(struct campaign_definitions *definitions, uint32_t name)
{
    uint32_t slot;
    if (lookup_find(&definitions->by_name, name, &slot)) return &definitions->all[slot];
    if (definitions->count >= CAMPAIGNS_MAX) return NULL;
    slot = definitions->count++;
    definitions->all =
        memory_grow(definitions->all, &definitions->capacity, definitions->count, sizeof *definitions->all);
    definitions->all[slot] = (struct campaign_definition){.name = name};
    lookup_add(&definitions->by_name, slot);
    return &definitions->all[slot];
}

static struct rule_set *set_make(struct campaign_definitions *definitions, uint32_t name)
{
    uint32_t slot;
    if (lookup_find(&definitions->set_by_name, name, &slot)) return &definitions->sets[slot];
    if (definitions->set_count >= RULE_SETS_MAX) return NULL;
    slot = definitions->set_count++;
    definitions->sets =
        memory_grow(definitions->sets, &definitions->set_capacity, definitions->set_count, sizeof *definitions->sets);
    definitions->sets[slot] = (struct rule_set){.name = name};
    lookup_add(&definitions->set_by_name, slot);
    return &definitions->sets[slot];
}

/* Sets the row's hash; 0: the directory does not have the row. */
static void campaign_rehash(struct campaign_definitions *definitions, uint64_t *hash, uint64_t now)
{
    definitions->content += now - *hash;
    *hash = now;
}

static uint64_t campaign_hash(const struct campaign_definition *campaign, const struct names *names)
{
    if (!campaign->known) return 0;
    uint64_t hash = table_mix64((uint64_t)campaign->name << 32 | campaign->agents);
    hash = table_mix64(hash + ((uint64_t)campaign->list << 32 | campaign->consent));
    hash = table_mix64(hash + ((uint64_t)campaign->rule_set << 32 | campaign->mode));
    hash = table_mix64(hash + ((uint64_t)campaign->schedule << 32 | campaign->zone));
    hash = table_mix64(hash + table_text_hash(names, campaign->filter));
    return table_mix64(hash + table_text_hash(names, campaign->order)) | 1;
}

/* Returns the hash of a rule set. Rules of later versions count only if they differ from the default, so older
 * digests stay the same. */
static uint64_t set_hash(const struct rule_set *set)
{
    if (!set->known) return 0;
    uint64_t hash = table_mix64(set->name);
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++)
        if (rule < CAMPAIGN_RULES_OF_8 || set->rules[rule] != campaign_numbers[rule].otherwise)
            hash = table_mix64(hash + set->rules[rule]);
    return hash | 1;
}

/* Sets a campaign from a row; one without fields says that the directory no longer has the campaign. */
void campaign_definition_row(struct campaign_definitions *definitions, struct names *names, uint32_t name,
                             struct span row)
{
    struct campaign_definition *campaign = name == 0 ? NULL : campaign_make(definitions, name);
    if (!campaign) return;
    campaign->known = row.length != 0;
    campaign->seen = true;
    campaign->agents = name_take(names, row, "agents");
    campaign->list = name_take(names, row, "list");
    campaign->consent = name_take(names, row, "consent");
    campaign->rule_set = name_take(names, row, "rule_set");
    campaign->schedule = name_take(names, row, "schedule");
    campaign->zone = name_take(names, row, "zone");
    campaign->mode = campaign_row_mode(row);
    text_take(&campaign->filter, row, "filter");
    text_take(&campaign->order, row, "order");
    campaign_rehash(definitions, &campaign->hash, campaign_hash(campaign, names));
}

static void rules_usual(uint32_t rules[CAMPAIGN_RULES])
{
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++) rules[rule] = campaign_numbers[rule].otherwise;
}

void rule_set_row(struct campaign_definitions *definitions, uint32_t name, struct span row)
{
    struct rule_set *set = name == 0 ? NULL : set_make(definitions, name);
    struct kv_pair pair;
    if (!set) return;
    set->known = row.length != 0;
    set->seen = true;
    rules_usual(set->rules);
    for (uint32_t at = 0; kv_next(row, &at, &pair);)
        if (pair.value.tag == KV_INT) campaign_rule_set(set->rules, pair.key, pair.value.word);
    campaign_rehash(definitions, &set->hash, set_hash(set));
}

static bool rule_good(enum campaign_rule rule, int64_t number)
{
    return number >= campaign_numbers[rule].least && number <= campaign_numbers[rule].most;
}

/* Returns why the row is wrong, as the end of a sentence that the caller begins with the row's name. */
const char *campaign_definition_fault(struct span row)
{
    struct kv_value value;
    if (row.length == 0) return NULL;
    if (campaign_row_mode(row) == campaign_mode_none) return " has no mode of a campaign, or an unknown one";
    bool hours = kv_get(row, "schedule", &value) && !kv_get(row, "zone", &value);
    return hours ? " has a schedule, and no zone whose clocks that goes by" : NULL;
}

const char *rule_set_fault(struct span row)
{
    struct kv_value value;
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++)
        if (kv_get(row, campaign_numbers[rule].name, &value) &&
            (value.tag != KV_INT || !rule_good((enum campaign_rule)rule, value.word)))
            return out_of_range[rule];
    return NULL;
}

void campaign_definitions_unsee(struct campaign_definitions *definitions)
{
    for (uint32_t at = 0; at < definitions->count; at++) definitions->all[at].seen = false;
    for (uint32_t at = 0; at < definitions->set_count; at++) definitions->sets[at].seen = false;
}

void campaign_definitions_drop_unseen(struct campaign_definitions *definitions)
{
    for (uint32_t at = 0; at < definitions->count; at++) {
        struct campaign_definition *campaign = &definitions->all[at];
        if (campaign->seen) continue;
        campaign->known = false;
        campaign_rehash(definitions, &campaign->hash, 0);
    }
    for (uint32_t at = 0; at < definitions->set_count; at++) {
        struct rule_set *set = &definitions->sets[at];
        if (set->seen) continue;
        set->known = false;
        campaign_rehash(definitions, &set->hash, 0);
    }
}

bool campaign_definitions_check(const struct campaign_definitions *definitions)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < definitions->count; at++) {
        if (definitions->all[at].known != (definitions->all[at].hash != 0)) return false;
        content += definitions->all[at].hash;
    }
    for (uint32_t at = 0; at < definitions->set_count; at++) {
        if (definitions->sets[at].known != (definitions->sets[at].hash != 0)) return false;
        content += definitions->sets[at].hash;
    }
    return content == definitions->content;
}

const struct campaign_definition *campaign_definition(const struct campaign_definitions *definitions, uint32_t name)
{
    uint32_t slot;
    if (name == 0 || !lookup_find(&definitions->by_name, name, &slot) || !definitions->all[slot].known) return NULL;
    return &definitions->all[slot];
}

/* Reads the rules of a campaign; a missing rule set is no error: the defaults apply. */
void campaign_rules(const struct campaign_definitions *definitions, const struct campaign_definition *campaign,
                    uint32_t rules[CAMPAIGN_RULES])
{
    uint32_t slot;
    rules_usual(rules);
    if (campaign->rule_set == 0 || !lookup_find(&definitions->set_by_name, campaign->rule_set, &slot)) return;
    if (definitions->sets[slot].known)
        memcpy(rules, definitions->sets[slot].rules, sizeof definitions->sets[slot].rules);
}

bool campaign_rule_set(uint32_t rules[CAMPAIGN_RULES], struct span name, int64_t number)
{
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++) {
        if (!span_is(name, campaign_numbers[rule].name)) continue;
        if (!rule_good((enum campaign_rule)rule, number)) return false;
        rules[rule] = (uint32_t)number;
        return true;
    }
    return false;
}

const char *campaign_rule_name(enum campaign_rule rule)
{
    assert((unsigned)rule < CAMPAIGN_RULES);
    return campaign_numbers[rule].name;
}

static void term_put(struct kv *terms, const char *name, uint32_t number)
{
    char digits[10];
    uint32_t at = sizeof digits;
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    kv_put_text(terms, name, (struct span){(const uint8_t *)digits + at, sizeof digits - at});
}

/* Writes the rules that the list itself must observe; they are sent to it with each request, as texts. */
void campaign_terms(struct kv *terms, struct span list, struct span consent, const uint32_t rules[CAMPAIGN_RULES])
{
    if (list.length != 0) kv_put_text(terms, "list", list);
    if (consent.length != 0) kv_put_text(terms, "consent", consent);
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++)
        if (campaign_numbers[rule].of_list && rules[rule] != 0)
            term_put(terms, campaign_numbers[rule].name, rules[rule]);
}

void campaign_rules_keep(uint32_t rules[CAMPAIGN_RULES], struct keeper *keeper)
{
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++) {
        unsigned since = rule < CAMPAIGN_RULES_OF_8 ? 0 : rule < CAMPAIGN_RULES_OF_16 ? 9 : 17;
        rules[rule] = keep_has(keeper, since) ? keep_u32(keeper, rules[rule]) : campaign_numbers[rule].otherwise;
        if (keep_good(keeper) && !rule_good((enum campaign_rule)rule, rules[rule]))
            keep_fail(keeper, "a rule of a campaign is out of its range");
    }
}

static void keep_definition(const struct names *names, struct keeper *keeper, struct campaign_definition *campaign)
{
    campaign->name = name_keep(names, keeper, campaign->name);
    campaign->agents = name_keep(names, keeper, campaign->agents);
    campaign->list = name_keep(names, keeper, campaign->list);
    campaign->consent = name_keep(names, keeper, campaign->consent);
    campaign->rule_set = name_keep(names, keeper, campaign->rule_set);
    campaign->schedule = name_keep(names, keeper, campaign->schedule);
    campaign->zone = name_keep(names, keeper, campaign->zone);
    campaign->filter = owned_text_keep(keeper, campaign->filter, KV_BYTES_MAX);
    campaign->order = owned_text_keep(keeper, campaign->order, KV_BYTES_MAX);
    campaign->mode = (uint8_t)keep_index(keeper, campaign->mode, campaign_mode_power + 1, campaign_mode_none);
    campaign->known = keep_bool(keeper, campaign->known);
    campaign->seen = keep_bool(keeper, campaign->seen);
    campaign->hash = keep_u64(keeper, campaign->hash);
}

static void keep_set(const struct names *names, struct keeper *keeper, struct rule_set *set)
{
    set->name = name_keep(names, keeper, set->name);
    campaign_rules_keep(set->rules, keeper);
    set->known = keep_bool(keeper, set->known);
    set->seen = keep_bool(keeper, set->seen);
    set->hash = keep_u64(keeper, set->hash);
}

void campaign_definitions_keep(struct campaign_definitions *definitions, const struct names *names,
                               struct keeper *keeper)
{
    definitions->all = keep_rows(keeper, definitions->all, &definitions->count, &definitions->capacity, CAMPAIGNS_MAX,
                                 sizeof *definitions->all);
    for (uint32_t at = 0; at < definitions->count && keep_good(keeper); at++) {
        keep_definition(names, keeper, &definitions->all[at]);
        lookup_restore(&definitions->by_name, keeper, at);
    }
    definitions->sets = keep_rows(keeper, definitions->sets, &definitions->set_count, &definitions->set_capacity,
                                  RULE_SETS_MAX, sizeof *definitions->sets);
    for (uint32_t at = 0; at < definitions->set_count && keep_good(keeper); at++) {
        keep_set(names, keeper, &definitions->sets[at]);
        lookup_restore(&definitions->set_by_name, keeper, at);
    }
    definitions->content = keep_u64(keeper, definitions->content);
}
