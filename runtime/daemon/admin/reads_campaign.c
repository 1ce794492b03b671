/* runtime/daemon/admin/reads_campaign.c - Pages of campaigns: the loaded ones first, then the others of the
 * directory. */
#include "runtime/core/site/campaign.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/protocol/commands.h"
#include "runtime/vocabulary/ident.h"

/* Cursors of a page: a loaded campaign has its index, a campaign of the directory its index plus OF_DIRECTORY. */
enum { OF_DIRECTORY = COMMAND_NUMBER_MAX / 2 };

static json_t *rules_json(const uint32_t rules[CAMPAIGN_RULES])
{
    json_t *object = json_object();
    for (int rule = 0; rule < CAMPAIGN_RULES; rule++)
        json_put_number(object, campaign_rule_name((enum campaign_rule)rule), rules[rule]);
    return object;
}

/* Writes the directory's definition of a campaign. A campaign without a list of its own uses the list of its own
 * name. */
static json_t *definition_json(const struct campaign_definition_row *row)
{
    json_t *object = json_object();
    json_put(object, "mode", json_string(enum_name_campaign_mode(row->mode)));
    json_put(object, "agents", json_text_of(row->agents));
    json_put(object, "list", json_text_of(row->list.length > 0 ? row->list : row->name));
    json_put(object, "filter", json_text_of(row->filter));
    json_put(object, "order", json_text_of(row->order));
    json_put(object, "consent", json_text_of(row->consent));
    json_put(object, "rule_set", json_text_of(row->rule_set));
    json_put(object, "schedule", json_text_of(row->schedule));
    json_put(object, "zone", json_text_of(row->zone));
    return object;
}

/* Gives each loaded campaign of the answer the interactions that call its records now, at most CALLS_SHOWN. The records
 * are walked once for all campaigns, and only until all that have an interaction were met, because the core waits. */
static void campaigns_calls(const struct core *core, const json_t *campaigns)
{
    enum { CALLS_SHOWN = 60 };
    struct list_record_row row;
    json_t *by_name = json_object(), *campaign;
    uint32_t at = 0, left = core_list_records_called(core);
    size_t index;
    json_array_foreach(campaigns, index, campaign)
    {
        json_t *calls = json_object_get(campaign, "calls");
        if (calls) json_object_set(by_name, json_string_value(json_object_get(campaign, "name")), calls);
    }
    for (; left > 0 && core_list_record_called(core, &at, &row); left--) {
        char ixn[IXN_TEXT];
        json_t *name = json_text_of(row.campaign), *calls = json_object_get(by_name, json_string_value(name));
        json_decref(name);
        if (!calls || json_array_size(calls) >= CALLS_SHOWN) continue;
        ident_print_ixn(row.ixn, ixn);
        json_append(calls, json_string(ixn));
    }
    json_decref(by_name);
}

static json_t *campaign_loaded_json(const struct campaign_row *row, struct campaign_team team)
{
    json_t *object = json_object();
    json_put(object, "calls", json_array()); /* campaigns_calls fills it */
    json_put(object, "name", json_text_of(row->name));
    json_put(object, "state", json_string(row->state));
    json_put(object, "mode", json_string(enum_name_campaign_mode(row->mode)));
    json_put(object, "why", json_string(row->why));
    json_put(object, "meaning", json_string(row->meaning));
    json_put(object, "reason", row->reason.length > 0 ? json_text_of(row->reason) : json_null());
    json_put(object, "asking", json_boolean(row->asking));
    json_put(object, "opens_us", row->opens_us != 0 ? json_integer(row->opens_us) : json_null());
#define NUMBER(name) json_put_number(object, #name, row->name)
    NUMBER(buffered), NUMBER(due), NUMBER(ringing), NUMBER(waiting), NUMBER(connected);
    NUMBER(dialled), NUMBER(answered), NUMBER(abandoned), NUMBER(failed);
    NUMBER(answered_15m), NUMBER(abandoned_15m), NUMBER(answered_30m), NUMBER(abandoned_30m);
    NUMBER(window_answered), NUMBER(window_abandoned);
    NUMBER(waited_us), NUMBER(waits);
#define CAMPAIGN_RESULT(name, doc) NUMBER(name);
#include "runtime/vocabulary/campaign_results.def"
#undef NUMBER
#define LISTED(name) json_put(object, #name, row->listed ? json_integer((json_int_t)row->name) : json_null())
    LISTED(left), LISTED(list_due), LISTED(overdue), LISTED(exhausted);
#undef LISTED
    json_put_number(object, "agents", team.agents);
    json_put_number(object, "agents_ready", team.ready);
    json_put_number(object, "agents_busy", team.busy);
    json_put_number(object, "abandoned_permille", row->rules[CAMPAIGN_RULE_abandoned_permille]);
    json_put(object, "credit", json_real((double)row->credit / 1000));
    return object;
}

static json_t *unloaded_json(const struct campaign_definition_row *row)
{
    json_t *object = json_object();
    json_put(object, "name", json_text_of(row->name));
    json_put(object, "state", json_string("unloaded"));
    json_put(object, "mode", json_string(enum_name_campaign_mode(row->mode)));
    json_put(object, "why", json_string("unloaded"));
    json_put(object, "meaning", json_string("the campaign was not loaded since it was last unloaded"));
    return object;
}

/* Finds a loaded campaign by its name. The index of a campaign that was unloaded is empty, and is skipped. */
static bool loaded_named(const struct core *core, struct span name, uint32_t *index, struct campaign_row *row)
{
    for (*index = 0; core_campaign(core, *index, row); ++*index)
        if (row->name.length > 0 && span_equal(row->name, name)) return true;
    return false;
}

static bool definition_named(const struct core *core, struct span name, struct campaign_definition_row *row,
                             uint32_t rules[CAMPAIGN_RULES])
{
    for (uint32_t at = 0; core_campaign_definition(core, at, row, rules); at++)
        if (row->known && span_equal(row->name, name)) return true;
    return false;
}

/* Writes one record of the campaign's list. */
static json_t *record_json(const struct core *core, const char *campaign, uint64_t record)
{
    struct list_record_row row;
    json_t *object = json_object();
    core_list_record_named(core, span_of(campaign), record, &row);
    json_put_number(object, "record", record);
    json_put(object, "state", json_string(row.state));
    json_put(object, "meaning", json_string(row.meaning));
    json_put(object, "number", json_text_of(row.number));
    json_put(object, "agent", json_text_of(row.agent));
    json_put(object, "due_us", row.due_us != 0 ? json_integer(row.due_us) : json_null());
    json_put_number(object, "attempts", row.attempts);
    if (row.ixn != 0) json_put_ixn(object, "ixn", row.ixn);
    return object;
}

/* Writes the campaign that the request names, with its rules and its definition in the directory. */
static void campaign_one(struct asking *asking, const struct core *core, const char *name)
{
    struct campaign_row row;
    struct campaign_definition_row definition;
    uint32_t rules[CAMPAIGN_RULES], index;
    bool defined = definition_named(core, span_of(name), &definition, rules);
    bool loaded = loaded_named(core, span_of(name), &index, &row);
    json_t *list = json_array();
    json_put(asking->into, "campaigns", list);
    if (!defined && !loaded) {
        reads_refuse_unknown(asking, "campaign", name);
        return;
    }
    json_t *object = loaded ? campaign_loaded_json(&row, core_campaign_team(core, index)) : unloaded_json(&definition);
    json_put(object, "rules", rules_json(loaded ? row.rules : rules));
    json_put(object, "directory", defined ? definition_json(&definition) : json_null());
    if (loaded) {
        json_put(object, "chance", json_real((double)row.lost / (1 << 30)));
        json_put(object, "allowed", json_real((double)row.allowed / (1 << 30)));
    }
    uint64_t record = reads_asked_number(asking, "record", 0);
    if (record != 0) json_put(object, "record", record_json(core, name, record));
    json_append(list, object);
    campaigns_calls(core, list);
    json_put_next(asking, false, 0);
}

/* At most PAGE_LOOKED campaigns are examined for one page, because the core waits. A page may begin in the loaded
 * campaigns and end in those of the directory:
 *
 *     cursor  0 ... loaded campaigns ...  |  OF_DIRECTORY + 0 ... rows of the directory ...
 *
 * A campaign of the directory that is also loaded was listed in the first part. */
void reads_core_campaigns(void *self, struct core *core)
{
    struct asking *asking = self;
    const char *name = reads_asked_text(asking, "name");
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS), looked = 0;
    struct campaign_row row, twin;
    struct campaign_definition_row definition;
    uint32_t rules[CAMPAIGN_RULES], index;
    bool more = true;
    if (name) {
        campaign_one(asking, core, name);
        return;
    }
    json_t *list = json_array();
    for (; from < OF_DIRECTORY && looked < PAGE_LOOKED && json_array_size(list) < limit; from++, looked++) {
        if (!core_campaign(core, (uint32_t)from, &row)) {
            from = OF_DIRECTORY;
            break;
        }
        if (row.name.length == 0) continue;
        json_append(list, campaign_loaded_json(&row, core_campaign_team(core, (uint32_t)from)));
    }
    for (; from >= OF_DIRECTORY && looked < PAGE_LOOKED && json_array_size(list) < limit && more; from++, looked++) {
        more = core_campaign_definition(core, (uint32_t)(from - OF_DIRECTORY), &definition, rules);
        if (more && definition.known && !loaded_named(core, definition.name, &index, &twin))
            json_append(list, unloaded_json(&definition));
    }
    campaigns_calls(core, list);
    json_put(asking->into, "campaigns", list);
    json_put_next(asking, more, from);
}
