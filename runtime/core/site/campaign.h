/* runtime/core/site/campaign.h - The campaigns of the directory, and their rule sets.
 *
 * The directory owns both tables. A loaded campaign uses the definition that it had when it was loaded
 * (campaigns/campaign.h). A row keeps its slot for ever. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

enum { CAMPAIGNS_MAX = 65535, RULE_SETS_MAX = 65535 };

/* The numbers of a rule set, in the order of campaign_rules.def. */
enum campaign_rule {
#define RULE(name, least, most, otherwise, doc) CAMPAIGN_RULE_##name,
#define TERM(name, least, most, otherwise, doc) CAMPAIGN_RULE_##name,
#include "runtime/core/site/campaign_rules.def"
    CAMPAIGN_RULES
};
enum { CAMPAIGN_RULES_OF_8 = CAMPAIGN_RULE_of_chain + 1 }; /* how many rules snapshots of version 8 have */
enum { CAMPAIGN_RULES_OF_16 = CAMPAIGN_RULE_weight + 1 };  /* ... and of version 16 */

/* Name and range of a rule. otherwise: the default; of_list: the list must observe the rule (TERM). */
struct campaign_number {
    const char *name;
    uint32_t least, most, otherwise;
    bool of_list;
};
extern const struct campaign_number campaign_numbers[CAMPAIGN_RULES];

struct rule_set {
    uint32_t name;
    uint32_t rules[CAMPAIGN_RULES];
    bool known, seen; /* known: the directory has it; seen: the present commit has named it */
    uint64_t hash;    /* hash of the row; 0: the directory does not have it */
};

struct campaign_definition {
    uint32_t name;             /* name of the campaign and of the routing point to which its strategy is bound */
    uint32_t agents;           /* name of the agents' group; 0: none, since an IVR needs none */
    uint32_t list, consent;    /* names; list 0: the list has the campaign's name; consent 0: no consent is required */
    uint32_t rule_set;         /* name of the rule set; 0: every rule has its default */
    uint32_t schedule, zone;   /* names; schedule 0: records may begin at any time */
    struct span filter, order; /* owned; empty: none */
    uint8_t mode;              /* enum campaign_mode */
    bool known, seen;
    uint64_t hash;
};

struct campaign_definitions {
    struct campaign_definition *all;
    struct rule_set *sets;
    uint32_t count, capacity, set_count, set_capacity;
    struct lookup by_name, set_by_name;
    uint64_t content; /* sum of the hashes of the campaigns and rule sets that the directory has */
};

void campaign_definitions_init(struct campaign_definitions *);
void campaign_definitions_free(struct campaign_definitions *);
/* Sets a definition from a row of the directory without faults; an empty row removes the definition. `names`: the
 * core's names, for the texts of the row. */
void campaign_definition_row(struct campaign_definitions *, struct names *, uint32_t name, struct span row);
void rule_set_row(struct campaign_definitions *, uint32_t name, struct span row);
/* Returns why the row cannot come into force, as the end of a sentence that begins with its name. NULL: it can. */
const char *campaign_definition_fault(struct span row);
const char *rule_set_fault(struct span row);
/* Called before and after the rows of a whole directory: forgets campaigns and rule sets that the rows did not name. */
void campaign_definitions_unsee(struct campaign_definitions *);
void campaign_definitions_drop_unseen(struct campaign_definitions *);
bool campaign_definitions_check(const struct campaign_definitions *); /* true: `content` agrees with the rows */
/* Writes or reads the definitions and rule sets (vm/keep.h). */
void campaign_definitions_keep(struct campaign_definitions *, const struct names *, struct keeper *);
/* Writes or reads the rules of a rule set or of a loaded campaign; fails if one is out of its range. */
void campaign_rules_keep(uint32_t rules[CAMPAIGN_RULES], struct keeper *);
/* Returns a campaign of the directory; NULL: there is none of the given name. Borrowed until the next row. */
const struct campaign_definition *campaign_definition(const struct campaign_definitions *, uint32_t name);
/* Fills in the rules of the campaign: those of its rule set, and defaults for the others. */
void campaign_rules(const struct campaign_definitions *, const struct campaign_definition *,
                    uint32_t rules[CAMPAIGN_RULES]);
/* Sets the rule of the given name; false: there is no such rule, or the number is out of its range. */
bool campaign_rule_set(uint32_t rules[CAMPAIGN_RULES], struct span name, int64_t number);
const char *campaign_rule_name(enum campaign_rule);
/* Appends list, consent and the TERM rules, as FetchRecords and CheckRecord have them. */
void campaign_terms(struct kv *, struct span list, struct span consent, const uint32_t rules[CAMPAIGN_RULES]);
