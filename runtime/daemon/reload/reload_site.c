/* runtime/daemon/reload/reload_site.c - Reports the names of a site that has been read, for the checks of `gcxvm
 * --check`: where calls arrive and end, and what strategies play, name and route to.
 *
 *     reading_site() -> hear(kind, name, of, where) for each thing
 *
 *     "point"        "5000"      "inbound"       "directory/routing_point.csv:2"
 *     "destination"  "5200"      "sales"         "inbound.gcx:14"
 *     "unmanned"     "german"    "skill"         "inbound.gcx:9"
 *
 * Nothing is judged here except what only the directory and the images together can show (as unmanned, dumb,
 * unfit, circle, idle, closed). The receiver of the names decides what is an error. `where` is a file with a line, if
 * the line can be found cheaply. */
#include "config.h"
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/rows.h"
#include "vm/bin_view.h"
#include "vm/capacity.h"
#include "vm/clock.h"
#include "vm/reads.h"
#include "vm/schedule.h"
#include "vm/steps.h"
#include "vm/value.h"

enum { SECOND_US = 1000000 };
enum { POINTS_WITH_LINE = 100 }; /* to find a line, the directory must be read once more */

struct telling {
    const struct site_reading *reading;
    reload_name *hear;
    void *self;
};

/* Returns the image with the strategy of that routing point; NULL: no image has it, and the directory is refused for
 * that. */
static const struct image *point_image(const struct site_reading *reading, size_t index)
{
    size_t place = reading->place[index];
    return place < reading->conf->strategy_count ? reading->images[place] : NULL;
}

/* Reports the media of the strategy at the routing point; none: the strategy is for any medium. */
static void site_point_media(const struct telling *telling, size_t index, const struct import_point *point)
{
    const struct image *image = point_image(telling->reading, index);
    const struct image_strategy *strategy =
        image ? image_strategy_named(image, point->strategy, (uint32_t)strlen(point->strategy)) : NULL;
    if (!strategy || strategy->media == MEDIUM_ALL) return;
    EACH_MEDIUM(medium, image_media(image, image_strategy_index(image, strategy)))
    {
        struct text own;
        char *said = image_own_medium(image, own_of_medium(medium), &own)
                         ? memory_format("%.*s", (int)own.length, own.bytes)
                         : memory_text(enum_name_media(medium));
        telling->hear(telling->self, "medium", said, point->dn, "");
        free(said);
    }
}

static void site_points(const struct telling *telling)
{
    const struct site_reading *reading = telling->reading;
    struct import_point point;
    char place[PLACE], dn[NAME_MAX_BYTES + 1];
    for (size_t i = 0; import_point(reading->directory, i, &point); i++) {
        snprintf(place, sizeof place, "%s", reading->file);
        if (i < POINTS_WITH_LINE) import_point_place(reading->file, point.dn, place, sizeof place);
        telling->hear(telling->self, "point", point.dn, point.strategy, place);
        for (const char *list = point.defaults; reading_next_dn(&list, dn);)
            telling->hear(telling->self, "default", dn, point.dn, place);
        site_point_media(telling, i, &point);
    }
}

/* Reports the rows of a table, each with the text of the column `of` ("": there is no such column). */
static void site_rows(const struct telling *telling, const char *kind, enum table table, const char *of)
{
    struct import_entry row;
    struct kv_value value;
    char text[NAME_MAX_BYTES + 1];
    for (size_t i = 0; import_entry(telling->reading->directory, table, i, &row); i++) {
        bool named = *of && kv_get(row.values, of, &value) && value.tag == KV_TEXT;
        snprintf(text, sizeof text, "%.*s", named ? (int)value.span.length : 0,
                 named ? (const char *)value.span.bytes : "");
        telling->hear(telling->self, kind, row.key, text, telling->reading->file);
    }
}

/* Reports the queues that another domain has. */
static void site_elsewhere(const struct telling *telling)
{
    struct import_entry row;
    struct kv_value value;
    for (size_t i = 0; import_entry(telling->reading->directory, table_queue, i, &row); i++)
        if (kv_get(row.values, "elsewhere", &value) && value.tag == KV_INT && value.word != 0)
            telling->hear(telling->self, "elsewhere", row.key, "", telling->reading->file);
}

/* Reports the texts of a column, each with the row's key. */
static void site_columns(const struct telling *telling, const char *kind, enum table table, const char *column)
{
    struct import_entry row;
    struct kv_value value;
    for (size_t i = 0; import_entry(telling->reading->directory, table, i, &row); i++) {
        if (!kv_get(row.values, column, &value) || value.tag != KV_TEXT) continue;
        char *text = memory_format("%.*s", (int)value.span.length, (const char *)value.span.bytes);
        telling->hear(telling->self, kind, text, row.key, telling->reading->file);
        free(text);
    }
}

static const struct used_kind {
    uint16_t type;
    const char *kind;
} used_kinds[] = {{TYPE_PROMPT, "prompt"}, {TYPE_TEMPLATE, "template"}, {NAME_LOCALE, "language"}};

/* Finds the DN of a queue; false: the directory has none. */
static bool queue_dn(const struct directory_import *directory, const char *queue, char dn[NAME_MAX_BYTES + 1])
{
    struct import_entry row;
    struct kv_value value;
    for (size_t i = 0; import_entry(directory, table_queue, i, &row); i++) {
        if (strcmp(row.key, queue) != 0 || !kv_get(row.values, "dn", &value) || value.tag != KV_TEXT) continue;
        snprintf(dn, NAME_MAX_BYTES + 1, "%.*s", (int)value.span.length, (const char *)value.span.bytes);
        return true;
    }
    return false;
}

/* True: the routing point has a strategy of this image. */
static bool image_serves(const struct site_reading *reading, const struct image *image, const char *dn)
{
    struct import_point point;
    for (size_t i = 0; import_point(reading->directory, i, &point); i++)
        if (strcmp(point.dn, dn) == 0) return point_image(reading, i) == image;
    return false;
}

/* True: an agent has the skill, or is in the group. A group defined by a condition counts as having members, since
 * they cannot be known beforehand. */
static bool site_manned(const struct directory_import *directory, uint16_t kind, const char *name)
{
    struct import_entry row;
    struct kv_value value;
    bool skill = kind == TYPE_SKILL;
    const enum table tables[] = {skill ? table_agent_skill : table_group_member, table_group_place};
    for (size_t t = 0; t < (skill ? 1 : 2); t++)
        for (size_t i = 0; import_entry(directory, tables[t], i, &row); i++) {
            if (!kv_get(row.values, skill ? "skill" : "group", &value) || value.span.length != strlen(name) ||
                memcmp(value.span.bytes, name, value.span.length) != 0)
                continue;
            if (!skill || (kv_get(row.values, "level", &value) && value.word > 0)) return true;
        }
    for (size_t i = 0; !skill && import_entry(directory, table_group, i, &row); i++)
        if (strcmp(row.key, name) == 0 && kv_get(row.values, "members", &value)) return true;
    return false;
}

/* Gets the text of a column; empty if there is none. */
static void entry_text(const struct import_entry *row, const char *column, char text[NAME_MAX_BYTES + 1])
{
    struct kv_value value;
    bool there = kv_get(row->values, column, &value) && value.tag == KV_TEXT;
    snprintf(text, NAME_MAX_BYTES + 1, "%.*s", there ? (int)value.span.length : 0,
             there ? (const char *)value.span.bytes : "");
}

/* Finds the capacity rule of that name; false: no image of the site has it. */
static bool site_capacity(const struct site_reading *reading, const char *wanted, struct capacity_rule *rule)
{
    struct text name;
    for (size_t i = 0; i < reading->conf->strategy_count; i++)
        for (uint32_t table = 0; table < capacity_table_count(reading->images[i]); table++)
            if (capacity_rule_read(reading->images[i], table, &name, rule) && name.length == strlen(wanted) &&
                memcmp(name.bytes, wanted, name.length) == 0)
                return true;
    return false;
}

/* True: the agent takes interactions of one of these media. An agent without a rule of capacity takes one
 * interaction, of any medium. */
static bool site_agent_takes(const struct site_reading *reading, struct span agent, struct media_set media)
{
    struct import_entry row;
    struct capacity_rule rule;
    char capacity[NAME_MAX_BYTES + 1];
    for (size_t i = 0; import_entry(reading->directory, table_agent, i, &row); i++) {
        if (!span_is(agent, row.key)) continue;
        entry_text(&row, "capacity", capacity);
        if (!*capacity || !site_capacity(reading, capacity, &rule)) return true;
        EACH_MEDIUM(medium, media)
        {
            bool call = medium == media_callback || medium == media_outbound;
            if (rule.most[call ? media_voice : medium] != 0) return true;
        }
        return false;
    }
    return true;
}

/* True: no agent with the skill takes interactions of these media. A place may have a capacity rule of its own: with
 * any place in the directory this returns false. */
static bool skill_takes_none(const struct site_reading *reading, const char *skill, struct media_set media)
{
    struct import_entry row;
    struct kv_value value;
    bool any = false;
    if (media_set_is_empty(media) || import_entry(reading->directory, table_place, 0, &row)) return false;
    for (size_t i = 0; import_entry(reading->directory, table_agent_skill, i, &row); i++) {
        bool its = kv_get(row.values, "skill", &value) && span_is(value.span, skill) &&
                   kv_get(row.values, "level", &value) && value.word > 0 && kv_get(row.values, "agent", &value);
        any |= its;
        if (its && site_agent_takes(reading, value.span, media)) return false;
    }
    return any;
}

/* True: the limits of that name give the mode power a number of ports. */
static bool rule_set_has_ports(const struct directory_import *directory, const char *rules)
{
    struct import_entry row;
    struct kv_value value;
    for (size_t i = 0; import_entry(directory, table_rule_set, i, &row); i++)
        if (strcmp(row.key, rules) == 0)
            return kv_get(row.values, "ports", &value) && value.tag == KV_INT && value.word != 0;
    return false;
}

/* True: the image of the campaign's strategy knows the time zone. A campaign without a strategy is reported
 * elsewhere. */
static bool campaign_zone_known(const struct site_reading *reading, const char *campaign, const char *zone)
{
    struct import_point point;
    for (size_t i = 0; import_point(reading->directory, i, &point); i++) {
        const struct image *image = strcmp(point.dn, campaign) == 0 ? point_image(reading, i) : NULL;
        if (image) return clock_zone_named(image, (struct text){zone, (uint32_t)strlen(zone)}) != NULL;
    }
    return true;
}

/* ---- schedules ---- */

struct numbers {
    int64_t all[SCHEDULE_NUMBERS_MAX];
    uint32_t days;
};

static int64_t numbers_at(const void *self, uint32_t index)
{
    return ((const struct numbers *)self)->all[index];
}

/* True: the directory's schedule is closed for the whole next year. Changes of the clock in a zone move that by at
 * most a day. A schedule may be closed on purpose, but not one by which a campaign dials. */
static bool schedule_stays_closed(const struct directory_import *directory, const char *name)
{
    struct import_setting setting;
    struct numbers numbers = {.days = 0};
    struct kv_pair pair;
    uint32_t count = 0;
    int64_t now_us = (int64_t)time(NULL) * SECOND_US, at_us;
    for (size_t i = 0; import_setting(directory, i, &setting); i++) {
        if (setting.table != table_schedule || strcmp(setting.name, name) != 0) continue;
        for (uint32_t at = 0; count < SCHEDULE_NUMBERS_MAX && kv_next(setting.value.span, &at, &pair);)
            numbers.all[count++] = pair.value.word;
        const struct schedule schedule = {&numbers, numbers_at, count, &numbers.days};
        return !schedule_open(&schedule, now_us) && !schedule_next(&schedule, now_us, true, &at_us);
    }
    return false;
}

/* Reports the prefixes of numbers that the site's table `outside` allows. */
static void site_outside_rows(const struct telling *telling)
{
    struct import_setting setting;
    struct kv_pair row;
    struct kv_value allowed;
    char number[NAME_MAX_BYTES + 1];
    for (size_t i = 0; import_setting(telling->reading->directory, i, &setting); i++) {
        if (setting.table != table_business || strcmp(setting.name, "outside") != 0) continue;
        for (uint32_t at = 0; kv_next(setting.value.span, &at, &row);) {
            if (!kv_get(row.value.span, "allowed", &allowed)) continue;
            bool yes = allowed.tag == KV_TEXT ? span_is(allowed.span, "true") : allowed.word != 0;
            snprintf(number, sizeof number, "%.*s", (int)row.key.length, (const char *)row.key.bytes);
            if (yes) telling->hear(telling->self, "allowed", number, "", telling->reading->file);
        }
    }
}

/* Reports the campaigns that the core would refuse to load, or that never dial (campaign_request.c). */
static void site_campaigns(const struct telling *telling)
{
    const struct directory_import *directory = telling->reading->directory;
    char mode[NAME_MAX_BYTES + 1], agents[NAME_MAX_BYTES + 1], text[NAME_MAX_BYTES + 1], zone[NAME_MAX_BYTES + 1];
    struct import_entry row;
    for (size_t i = 0; import_entry(directory, table_campaign, i, &row); i++) {
        entry_text(&row, "mode", mode);
        entry_text(&row, "agents", agents);
        entry_text(&row, "rule_set", text);
        bool power = strcmp(mode, enum_name_campaign_mode(campaign_mode_power)) == 0;
        if (power && !rule_set_has_ports(directory, text)) telling->hear(telling->self, "portless", row.key, "", "");
        if (!power && !site_manned(directory, TYPE_GROUP, agents))
            telling->hear(telling->self, "idle", row.key, agents, "");
        entry_text(&row, "schedule", text);
        entry_text(&row, "zone", zone);
        if (*text && !campaign_zone_known(telling->reading, row.key, zone))
            telling->hear(telling->self, "clockless", row.key, zone, "");
        if (*text && schedule_stays_closed(directory, text)) telling->hear(telling->self, "closed", row.key, text, "");
    }
}

/* Finds for each function the media of the strategies that run it, also by calls; a function calls only earlier ones.
 * The loop goes from the last function to the first, since callers come after the functions they call: so all callers
 * of a function are complete when its turn comes. */
static struct media_set *functions_media(const struct image *image)
{
    uint32_t count = image_count(image, SECTION_FUNCTIONS);
    struct media_set *media = memory_zeroed(count + 1, sizeof *media);
    for (uint32_t f = count; f-- > 0;) {
        uint16_t strategy = image_function(image, f)->strategy;
        if (strategy != IMAGE_NONE) media[f] = media_set_or(media[f], image_media(image, strategy));
        for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
            const struct image_wait *wait = image_wait(image, i);
            if (wait->function != f) continue;
            if (wait->callee < f) media[wait->callee] = media_set_or(media[wait->callee], media[f]);
            if (wait->busy < f) media[wait->busy] = media_set_or(media[wait->busy], media[f]);
        }
    }
    return media;
}

/* Finds where calls are routed to each queue by its name, in functions that only strategies for calls run. */
static struct image_routed *calls_routed(const struct image *image, const struct media_set *media)
{
    static const enum media calls[] = {media_voice, media_callback, media_outbound};
    uint32_t count = image_count(image, SECTION_FUNCTIONS);
    struct image_routed *routed = memory_zeroed(image_count(image, SECTION_NAMES) + 1, sizeof *routed);
    bool *only = memory_zeroed(count + 1, sizeof *only); /* functions without steps, too */
    for (uint32_t f = 0; f < count; f++) {
        struct media_set others = media[f];
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) others = media_set_with(others, calls[i], false);
        only[f] = media_set_is_empty(others);
    }
    for (uint32_t f = 0; f < count; f++)
        if (only[f] && !media_set_is_empty(media[f])) image_routes(image, f, only, routed);
    free(only);
    return routed;
}

static void site_image(const struct telling *telling, const struct image *image, const char *file)
{
    char name[NAME_MAX_BYTES + 1], place[PLACE], dn[NAME_MAX_BYTES + 1];
    struct media_set *media = functions_media(image);
    struct image_routed *routed = calls_routed(image, media);
    struct image_reader reader;
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        struct text text = image_text(image, image_name(image, i)->text);
        if (!image_says_name(image, i)) continue; /* the site declares the name, and no strategy uses it */
        snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
        if (routed[i].there && queue_dn(telling->reading->directory, name, dn)) {
            reading_place_print(image, routed[i].at.function, routed[i].at.pc, file, place);
            telling->hear(telling->self, "destination", dn, name, place);
            if (image_serves(telling->reading, image, dn)) telling->hear(telling->self, "circle", name, dn, place);
        }
        bool skill = image_name(image, i)->kind == TYPE_SKILL, group = image_name(image, i)->kind == TYPE_GROUP;
        if ((skill || group) && import_has(telling->reading->directory, skill ? table_skill : table_group, name) &&
            !site_manned(telling->reading->directory, image_name(image, i)->kind, name)) {
            reading_name_print(image, i, file, place);
            telling->hear(telling->self, "unmanned", name, skill ? "skill" : "group", place);
        } else if (skill && image_uses_name(image, i, &reader) &&
                   skill_takes_none(telling->reading, name, media[reader.function])) {
            reading_name_print(image, i, file, place);
            telling->hear(telling->self, "unfit", name, "", place);
        }
        for (size_t k = 0; k < sizeof used_kinds / sizeof *used_kinds; k++) {
            if (used_kinds[k].type != image_name(image, i)->kind) continue;
            reading_name_print(image, i, file, place);
            telling->hear(telling->self, used_kinds[k].kind, name, "", place);
        }
    }
    free(routed);
    free(media);
}

/* Reports a name that the image declares, whether a strategy uses it or not. */
static void declared_tell(const struct telling *telling, const char *kind, struct text text, const char *file)
{
    char name[NAME_MAX_BYTES + 1];
    snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
    telling->hear(telling->self, kind, name, "", file);
}

/* Reports the parameters, workbins, categories, views and keys of user data that the image declares. */
static void site_declared(const struct telling *telling, const struct image *image, const char *file)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_SETTINGS); i++) {
        if (image_setting(image, i)->kind != SETTING_PARAMETER) continue;
        declared_tell(telling, "parameter", image_text(image, image_setting(image, i)->name), file);
    }
    struct image_view view;
    for (uint32_t i = 0; i < image_view_tables(image); i++)
        if (image_view_at(image, i, &view)) declared_tell(telling, "view", view.name, file);
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        uint16_t type = image_name(image, i)->kind;
        if (type == TYPE_WORKBIN || type == TYPE_CATEGORY)
            declared_tell(telling, type == TYPE_WORKBIN ? "workbin" : "category",
                          image_text(image, image_name(image, i)->text), file);
    }
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        for (uint32_t k = 0; k < image_slot_count(strategy); k++) {
            const struct image_slot *slot = image_slot(image, strategy, k);
            if (slot->parameter == 0) declared_tell(telling, "key", image_text(image, slot->name), file);
        }
    }
}

/* Reports the strategies that choose agents, by themselves or by a subroutine, which any strategy may use. */
static void site_choosing(const struct telling *telling, const struct image *image, const char *file)
{
    char name[NAME_MAX_BYTES + 1];
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        struct text text = image_text(image, image_strategy(image, i)->name);
        bool chooses = false;
        for (uint32_t k = 0; k < image_count(image, SECTION_WAITS) && !chooses; k++) {
            const struct image_wait *wait = image_wait(image, k);
            chooses = wait->step == STEP_ID_select;
            for (uint32_t other = 0; chooses && other < image_count(image, SECTION_STRATEGIES); other++)
                chooses = other == i || image_strategy(image, other)->function != wait->function;
        }
        snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
        if (chooses) telling->hear(telling->self, "chooses", name, "", file);
    }
}

/* True: at this wait a text is spoken to the caller or the agent, and no prompt is played. */
static bool wait_says(const struct image *image, const struct image_wait *wait, const struct step *step)
{
    const struct image_operand *row = image_operands(image, wait->operands);
    uint16_t whispered = step->number == STEP_ID_route ? PARAMETER_route_whisper : UINT16_MAX;
    if (step->number == STEP_ID_ivr_say) return true;
    for (uint32_t i = 0; i < wait->arguments; i++, row++) {
        bool constant = (row->operand & OPERAND_CONSTANT) != 0;
        for (uint32_t k = 0; k < step->parameter_count; k++) {
            bool retried = step->parameters[k].type == PARAMETER_RETRIED;
            bool spoken = retried || step->parameters[k].type == PARAMETER_SPOKEN || row->parameter == whispered;
            if (step->parameters[k].number != row->parameter || !spoken) continue;
            uint16_t type = constant ? image_constant(image, row->operand & (uint16_t)~OPERAND_CONSTANT)->type
                                     : image_register(image, wait->function, (uint8_t)row->operand);
            if (retried && type_is_list(image, type)) type = image_element(image, type);
            if (type_base(type) == TYPE_STR) return true;
        }
    }
    return false;
}

/* True: the step speaks values, such as numbers or dates. Spoken values are put together from several sound files. */
static bool wait_says_values(const struct image *image, const struct image_wait *wait)
{
    const struct image_operand *row = image_operands(image, wait->operands);
    bool values = wait->step == STEP_ID_ivr_choose;
    for (uint32_t i = 0; i < wait->arguments && wait->step == STEP_ID_ivr_play; i++, row++)
        values |= row->parameter >= PARAMETER_ivr_play_values;
    return values;
}

/* Returns the only medium of the set; media_none: the set has several media, or none. */
static enum media media_only(struct media_set set)
{
    enum media only = media_none;
    EACH_MEDIUM(medium, set)
    {
        if (only != media_none) return media_none;
        only = (enum media)medium;
    }
    return only;
}

/* True: the step books callbacks to any number it is given. The site's table `outside`, if there is one, may refuse
 * some numbers. */
static bool step_promises(const struct image *image, uint16_t step)
{
    if (step != STEP_ID_callback_book && step != STEP_ID_callback_keep_place) return false;
    for (uint32_t i = 0; i < image_count(image, SECTION_SETTINGS); i++) {
        struct text name = image_text(image, image_setting(image, i)->name);
        if (image_setting(image, i)->kind == SETTING_TABLE &&
            span_is((struct span){(const uint8_t *)name.bytes, name.length}, "outside"))
            return false;
    }
    return true;
}

/* Does the step, if it is of this kind, say this parameter? */
static bool wait_has(const struct image *image, const struct image_wait *wait, uint16_t step, unsigned parameter)
{
    for (uint32_t i = 0; wait->step == step && i < wait->arguments; i++)
        if (image_operands(image, wait->operands)[i].parameter == parameter) return true;
    return false;
}

/* True: a row of the table has that text in the column. `other` gets the text of the column `further` there. */
static bool site_row_has(const struct telling *telling, enum table table, const char *column, const char *text,
                         size_t *from, const char *further, char other[NAME_MAX_BYTES + 1])
{
    struct import_entry row;
    char is[NAME_MAX_BYTES + 1];
    while (import_entry(telling->reading->directory, table, (*from)++, &row)) {
        entry_text(&row, column, is);
        if (strcmp(is, text) != 0) continue;
        entry_text(&row, further, other);
        return true;
    }
    return false;
}

/* True: a telephone stands at the place, or at a place of the group. */
static bool site_has_telephone(const struct telling *telling, uint16_t type, const char *name)
{
    char place[NAME_MAX_BYTES + 1], ignored[NAME_MAX_BYTES + 1];
    size_t from = 0, first = 0;
    if (type == TYPE_PLACE) return site_row_has(telling, table_place_dn, "place", name, &first, "dn", ignored);
    while (site_row_has(telling, table_group_place, "group", name, &from, "place", place)) {
        first = 0;
        if (site_row_has(telling, table_place_dn, "place", place, &first, "dn", ignored)) return true;
    }
    return false;
}

/* Reports the places and groups whose answer a route awaits, and that have no telephone in the directory. */
static void site_telephones(const struct telling *telling, const struct image *image, const char *file)
{
    char name[NAME_MAX_BYTES + 1], place[PLACE];
    for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
        const struct image_wait *wait = image_wait(image, i);
        const struct image_operand *row = image_operands(image, wait->operands);
        if (!wait_has(image, wait, STEP_ID_route, PARAMETER_route_telephones)) continue;
        for (uint32_t at = 0; at < wait->arguments; at++) {
            if (row[at].parameter != PARAMETER_route_target || (row[at].operand & OPERAND_CONSTANT) == 0) continue;
            const struct image_constant *to = image_constant(image, row[at].operand & (uint16_t)~OPERAND_CONSTANT);
            if (to->type != TYPE_PLACE && to->type != TYPE_GROUP) continue;
            struct text text = image_text(image, image_name(image, (uint32_t)to->word)->text);
            snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
            if (site_has_telephone(telling, to->type, name)) continue;
            reading_place_print(image, wait->function, wait->pc, file, place);
            telling->hear(telling->self, "dumb", name, to->type == TYPE_PLACE ? "place" : "group", place);
        }
    }
}

/* True: the route rings several places of a group together. */
static bool wait_rings_places(const struct image *image, const struct image_wait *wait)
{
    const struct image_operand *row = image_operands(image, wait->operands);
    for (uint32_t i = 0; wait->step == STEP_ID_route && i < wait->arguments; i++)
        if (row[i].parameter == PARAMETER_route_telephones)
            return (row[i].operand & OPERAND_CONSTANT) == 0 ||
                   (int64_t)image_constant(image, row[i].operand & (uint16_t)~OPERAND_CONSTANT)->word > 1;
    return false;
}

/* Reports the kinds of steps that the image takes, each with the place where it is first taken: by strategies of one
 * medium alone, with that medium's name, and by others. A selection that lets several telephones ring is reported as a
 * kind of step, too, named `ring`. Also reports where each kind of step first speaks a text. */
static void site_steps(const struct telling *telling, const struct image *image, const char *file)
{
    bool values = false, rings = false, said[UINT8_MAX + 1] = {false},
         (*taken)[MEDIA_KINDS] = memory_zeroed(UINT8_MAX + 1, sizeof *taken);
    struct media_set *media = functions_media(image);
    char place[PLACE];
    for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
        const struct image_wait *wait = image_wait(image, i);
        const struct step *step = step_numbered(wait->step);
        if (!step || wait->step > UINT8_MAX) continue;
        enum media only = media_only(media[wait->function]);
        bool says = !said[wait->step] && wait_says(image, wait, step);
        bool pieces = !values && wait_says_values(image, wait);
        bool ring = !rings && (only == media_none || only == media_voice) &&
                    (wait_has(image, wait, STEP_ID_select, PARAMETER_select_ring) || wait_rings_places(image, wait));
        if (taken[wait->step][only] && !says && !pieces && !ring) continue;
        reading_place_print(image, wait->function, wait->pc, file, place);
        if (!taken[wait->step][only])
            telling->hear(telling->self, "step", step->name, only == media_none ? "" : enum_name_media(only), place);
        if (!taken[wait->step][only] && step_promises(image, wait->step))
            telling->hear(telling->self, "promise", step->name, "", place);
        if (says) telling->hear(telling->self, "said", step->name, "", place);
        if (pieces) telling->hear(telling->self, "values", step->name, "", place);
        if (ring) telling->hear(telling->self, "step", "ring", enum_name_media(media_voice), place);
        values |= pieces;
        rings |= ring;
        taken[wait->step][only] = true;
        said[wait->step] |= says;
    }
    free(media);
    free(taken);
}

/* For each strategy, reports the first of its steps that needs an answered call, in the order of the image. */
static void site_playing(const struct telling *telling, const struct image *image, const char *file)
{
    bool *runs = memory_zeroed(image_count(image, SECTION_FUNCTIONS) + 1, sizeof *runs);
    char place[PLACE], strategy[NAME_MAX_BYTES + 1];
    for (uint32_t s = 0; s < image_count(image, SECTION_STRATEGIES); s++) {
        struct text name = image_text(image, image_strategy(image, s)->name);
        snprintf(strategy, sizeof strategy, "%.*s", (int)name.length, name.bytes);
        image_strategy_runs(image, s, runs);
        for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
            const struct image_wait *wait = image_wait(image, i);
            const struct step *step = runs[wait->function] ? step_numbered(wait->step) : NULL;
            /* a whisper to the agent needs an answered call, as playing does */
            bool whispers = step && wait_has(image, wait, STEP_ID_route, PARAMETER_route_whisper);
            if (!step || !(whispers || contract_answers(step->name))) continue;
            reading_place_print(image, wait->function, wait->pc, file, place);
            telling->hear(telling->self, "plays", whispers ? "whisper" : step->name, strategy, place);
            break;
        }
    }
    free(runs);
}

/* Reports strategies with a step that is only for incoming mails: they cannot be used for agents' replies. */
static void site_reading_mails(const struct telling *telling, const struct image *image, const char *file)
{
    bool *runs = memory_zeroed(image_count(image, SECTION_FUNCTIONS) + 1, sizeof *runs);
    char strategy[NAME_MAX_BYTES + 1];
    for (uint32_t s = 0; s < image_count(image, SECTION_STRATEGIES); s++) {
        struct text name = image_text(image, image_strategy(image, s)->name);
        bool reads = false;
        if (!has_medium(image_media(image, s), media_email)) continue;
        image_strategy_runs(image, s, runs);
        for (uint32_t i = 0; i < image_count(image, SECTION_WAITS) && !reads; i++) {
            const struct image_wait *wait = image_wait(image, i);
            const struct step *step = runs[wait->function] ? step_numbered(wait->step) : NULL;
            reads = step && step->media == STEP_EMAIL;
        }
        snprintf(strategy, sizeof strategy, "%.*s", (int)name.length, name.bytes);
        if (reads) telling->hear(telling->self, "reads", strategy, "", file);
    }
    free(runs);
}

/* Reports the statements of the image's sources, each as it is sent to the database. */
static void site_statements(const struct telling *telling, const struct image *image, const char *file)
{
    char source[NAME_MAX_BYTES + 1];
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        const struct image_statement *statement = image_statement(image, i);
        struct text name = image_text(image, image_name(image, statement->source)->text);
        struct text sql = image_text(image, statement->sql);
        if (statement_is_request(statement->mode)) continue;
        snprintf(source, sizeof source, "%.*s", (int)name.length, name.bytes);
        char *text = memory_format("%.*s", (int)sql.length, sql.bytes);
        telling->hear(telling->self, "statement", text, source, file);
        if (statement->mode == STATEMENT_EXEC) telling->hear(telling->self, "write", text, source, file);
        free(text);
    }
}

/* Reports the constants of strategies that a routing point of this site, or a callback, starts: another site may use
 * the same image. `starts`: the functions of all strategies that can begin here. */
static void site_literals(const struct telling *telling, size_t index)
{
    const struct image *image = telling->reading->images[index];
    uint32_t count = image_count(image, SECTION_FUNCTIONS);
    bool *runs = memory_zeroed(count + 1, sizeof *runs), *starts = memory_zeroed(count + 1, sizeof *starts);
    for (uint32_t s = 0; s < image_count(image, SECTION_STRATEGIES); s++) {
        struct text name = image_text(image, image_strategy(image, s)->name);
        struct import_point point;
        bool any = image_strategy(image, s)->media != MEDIUM_ALL && has_medium(image_media(image, s), media_callback);
        for (size_t i = 0; !any && import_point(telling->reading->directory, i, &point); i++)
            any = point_image(telling->reading, i) == image &&
                  span_is((struct span){(const uint8_t *)name.bytes, name.length}, point.strategy);
        if (any) image_strategy_runs(image, s, runs);
        for (uint32_t f = 0; f < count; f++) starts[f] |= any && runs[f];
    }
    reading_literals(image, starts, telling->reading->conf->strategies[index], telling->hear, telling->self);
    free(starts);
    free(runs);
}

/* Reports first the directory's names, then those of each image, so that the receiver knows the site's names before
 * strategies use them. */
void reading_site(const struct site_reading *reading, reload_name *hear, void *self)
{
    assert(reading->directory && reading->images);
    const struct telling telling = {reading, hear, self};
    hear(self, "directory", reading->file, "", "");
    hear(self, "workbin", WORKBIN_RETURNED, "", "");
    hear(self, "workbin", WORKBIN_LATER, "", "");
    site_points(&telling);
    site_rows(&telling, "campaign", table_campaign, "list");
    site_campaigns(&telling);
    site_outside_rows(&telling);
    site_columns(&telling, "filter", table_campaign, "filter");
    site_columns(&telling, "order", table_campaign, "order");
    site_columns(&telling, "consent", table_campaign, "consent");
    site_rows(&telling, "dn", table_dn, "type");
    site_rows(&telling, "queue", table_queue, "dn");
    site_elsewhere(&telling);
    site_rows(&telling, "agent", table_agent, "");
    for (size_t i = 0; i < reading->conf->strategy_count; i++) {
        site_image(&telling, reading->images[i], reading->conf->strategies[i]);
        site_steps(&telling, reading->images[i], reading->conf->strategies[i]);
        site_playing(&telling, reading->images[i], reading->conf->strategies[i]);
        site_reading_mails(&telling, reading->images[i], reading->conf->strategies[i]);
        site_declared(&telling, reading->images[i], reading->conf->strategies[i]);
        site_telephones(&telling, reading->images[i], reading->conf->strategies[i]);
        site_choosing(&telling, reading->images[i], reading->conf->strategies[i]);
        site_statements(&telling, reading->images[i], reading->conf->strategies[i]);
        site_literals(&telling, i);
    }
}
